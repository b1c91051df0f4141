-- kev_sets: findings changed that are known to be exploited: the sets that hold their packages.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities, $3 bigint[] number of the reason
-- returns  set, number of the first reason
WITH k AS MATERIALIZED (
	SELECT u.package::integer AS package, min(u.why) AS why
	  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) u(package, vulnerability, why)
	  JOIN vulnerability v ON v.id = u.vulnerability JOIN kev c ON c.cve = v.name GROUP BY 1)
SELECT s.id, min(k.why)
  FROM k CROSS JOIN LATERAL (SELECT ps.id FROM package_set ps WHERE ps.packages @> ARRAY[k.package] OFFSET 0) s
 GROUP BY s.id ORDER BY s.id;

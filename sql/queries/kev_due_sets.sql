-- kev_due_sets: the sets with findings of vulnerabilities.
-- $1 text[] CVEs
-- returns  set, number of the first CVE, from 0
WITH k AS MATERIALIZED (
	SELECT f.package_id AS package, min(u.n) - 1 AS why
	  FROM unnest($1::text[]) WITH ORDINALITY u(cve, n)
	  JOIN vulnerability v ON v.name = u.cve JOIN finding f ON f.vulnerability_id = v.id GROUP BY 1)
SELECT s.id, min(k.why)
  FROM k CROSS JOIN LATERAL (SELECT ps.id FROM package_set ps WHERE ps.packages @> ARRAY[k.package] OFFSET 0) s
 GROUP BY s.id ORDER BY s.id;

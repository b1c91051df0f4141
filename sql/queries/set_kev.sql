-- set_kev: do sets hold what is known to be exploited?  From the catalogue, which is short, to the sets.
-- $1 bigint[] sets
WITH k AS MATERIALIZED (
	SELECT f.package_id, max(1 + (f.fixed_version <> '')::integer) AS kev
	  FROM kev c JOIN vulnerability v ON v.name = c.cve
	  JOIN finding f ON f.vulnerability_id = v.id AND f.status = 'affected' AND NOT f.hidden GROUP BY 1),
     n AS (
	SELECT ps.id, coalesce(max(k.kev), 0)::smallint AS kev
	  FROM package_set ps CROSS JOIN LATERAL unnest(ps.packages) member LEFT JOIN k ON k.package_id = member
	 WHERE ps.id = ANY ($1::bigint[]) GROUP BY ps.id)
UPDATE set_summary ss SET kev = n.kev FROM n WHERE ss.set_id = n.id AND ss.kev <> n.kev;

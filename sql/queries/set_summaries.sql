-- set_summaries: counts of findings, from scratch.
-- $1 bigint[] sets
WITH s AS (
	SELECT ps.id,
	       count(*) FILTER (WHERE f.severity = 5) c, count(*) FILTER (WHERE f.severity = 4) h,
	       count(*) FILTER (WHERE f.severity = 3) m, count(*) FILTER (WHERE f.severity = 2) l,
	       count(*) FILTER (WHERE f.severity = 1) n, count(*) FILTER (WHERE f.severity = 0) u,
	       count(*) FILTER (WHERE f.fixed_version <> '') x
	  FROM package_set ps
	  LEFT JOIN LATERAL unnest(ps.packages) member ON true
	  LEFT JOIN finding f ON f.package_id = member AND f.status = 'affected'
	 WHERE ps.id = ANY ($1::bigint[])
	 GROUP BY ps.id),
     done AS (UPDATE package_set SET matched = true WHERE id = ANY ($1::bigint[]) AND NOT matched)
INSERT INTO set_summary (set_id, critical, high, medium, low, negligible, unknown, fixable)
SELECT id, c, h, m, l, n, u, x FROM s
ON CONFLICT (set_id) DO UPDATE SET critical = EXCLUDED.critical, high = EXCLUDED.high, medium = EXCLUDED.medium,
       low = EXCLUDED.low, negligible = EXCLUDED.negligible, unknown = EXCLUDED.unknown, fixable = EXCLUDED.fixable;

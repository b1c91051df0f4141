-- set_summaries: counts of findings, from scratch.
-- $1 bigint[] sets
WITH s AS (
	SELECT ps.id,
	       count(*) FILTER (WHERE f.severity = 5) c, count(*) FILTER (WHERE f.severity = 4) h,
	       count(*) FILTER (WHERE f.severity = 3) m, count(*) FILTER (WHERE f.severity = 2) l,
	       count(*) FILTER (WHERE f.severity = 1) n, count(*) FILTER (WHERE f.severity = 0) u,
	       count(*) FILTER (WHERE f.severity = 5 AND f.fixed_version <> '') cf, count(*) FILTER (WHERE f.severity = 4 AND f.fixed_version <> '') hf,
	       count(*) FILTER (WHERE f.severity = 3 AND f.fixed_version <> '') mf, count(*) FILTER (WHERE f.severity = 2 AND f.fixed_version <> '') lf,
	       count(*) FILTER (WHERE f.severity = 1 AND f.fixed_version <> '') nf, count(*) FILTER (WHERE f.severity = 0 AND f.fixed_version <> '') uf
	  FROM package_set ps
	  LEFT JOIN LATERAL unnest(ps.packages) member ON true
	  LEFT JOIN finding f ON f.package_id = member AND f.status = 'affected'
	 WHERE ps.id = ANY ($1::bigint[])
	 GROUP BY ps.id),
     done AS (UPDATE package_set SET matched = true WHERE id = ANY ($1::bigint[]) AND NOT matched),
     due AS (INSERT INTO repository_due SELECT DISTINCT repository_id FROM repository_set WHERE set_id = ANY ($1::bigint[]))
INSERT INTO set_summary AS ss (set_id, critical, high, medium, low, negligible, unknown,
       critical_fixable, high_fixable, medium_fixable, low_fixable, negligible_fixable, unknown_fixable)
SELECT id, c, h, m, l, n, u, cf, hf, mf, lf, nf, uf FROM s
ON CONFLICT (set_id) DO UPDATE SET critical = EXCLUDED.critical, high = EXCLUDED.high, medium = EXCLUDED.medium,
       low = EXCLUDED.low, negligible = EXCLUDED.negligible, unknown = EXCLUDED.unknown,
       critical_fixable = EXCLUDED.critical_fixable, high_fixable = EXCLUDED.high_fixable, medium_fixable = EXCLUDED.medium_fixable,
       low_fixable = EXCLUDED.low_fixable, negligible_fixable = EXCLUDED.negligible_fixable, unknown_fixable = EXCLUDED.unknown_fixable
 WHERE (ss.critical, ss.high, ss.medium, ss.low, ss.negligible, ss.unknown, ss.critical_fixable, ss.high_fixable, ss.medium_fixable,
        ss.low_fixable, ss.negligible_fixable, ss.unknown_fixable) IS DISTINCT FROM
       (EXCLUDED.critical, EXCLUDED.high, EXCLUDED.medium, EXCLUDED.low, EXCLUDED.negligible, EXCLUDED.unknown, EXCLUDED.critical_fixable,
        EXCLUDED.high_fixable, EXCLUDED.medium_fixable, EXCLUDED.low_fixable, EXCLUDED.negligible_fixable, EXCLUDED.unknown_fixable);

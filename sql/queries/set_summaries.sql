-- set_summaries: counts of findings, from scratch.
-- $1 bigint[] sets
WITH m AS MATERIALIZED (SELECT ps.id AS set_id, member FROM package_set ps CROSS JOIN LATERAL unnest(ps.packages) member WHERE ps.id = ANY ($1::bigint[])),
     f AS MATERIALIZED (
	SELECT f.package_id,
	       (count(*) FILTER (WHERE f.severity = 5))::integer c, (count(*) FILTER (WHERE f.severity = 4))::integer h,
	       (count(*) FILTER (WHERE f.severity = 3))::integer m, (count(*) FILTER (WHERE f.severity = 2))::integer l,
	       (count(*) FILTER (WHERE f.severity = 1))::integer n, (count(*) FILTER (WHERE f.severity = 0))::integer u,
	       (count(*) FILTER (WHERE f.severity = 5 AND f.fixed_version <> ''))::integer cf, (count(*) FILTER (WHERE f.severity = 4 AND f.fixed_version <> ''))::integer hf,
	       (count(*) FILTER (WHERE f.severity = 3 AND f.fixed_version <> ''))::integer mf, (count(*) FILTER (WHERE f.severity = 2 AND f.fixed_version <> ''))::integer lf,
	       (count(*) FILTER (WHERE f.severity = 1 AND f.fixed_version <> ''))::integer nf, (count(*) FILTER (WHERE f.severity = 0 AND f.fixed_version <> ''))::integer uf
	  FROM finding f WHERE f.package_id = ANY (ARRAY(SELECT DISTINCT member FROM m)) AND f.status = 'affected' AND NOT f.hidden GROUP BY f.package_id),
     s AS (
	SELECT i.id, coalesce(sum(f.c), 0) c, coalesce(sum(f.h), 0) h, coalesce(sum(f.m), 0) m, coalesce(sum(f.l), 0) l, coalesce(sum(f.n), 0) n,
	       coalesce(sum(f.u), 0) u, coalesce(sum(f.cf), 0) cf, coalesce(sum(f.hf), 0) hf, coalesce(sum(f.mf), 0) mf, coalesce(sum(f.lf), 0) lf,
	       coalesce(sum(f.nf), 0) nf, coalesce(sum(f.uf), 0) uf
	  FROM unnest($1::bigint[]) i(id) LEFT JOIN m ON m.set_id = i.id LEFT JOIN f ON f.package_id = m.member GROUP BY i.id),
     done AS (DELETE FROM set_due WHERE set_id = ANY ($1::bigint[])),
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

-- set_deltas: findings changed: the counts of the sets that hold their packages,
-- and of the repositories that hold these sets.
-- $1 bigint[] packages, $2 bigint[] cells (policy_cell), $3 bigint[] one more (1) or less (-1), $4 bigint[] number of the reason
-- returns  set, number of the reason: sets that may have become refused by the policy, or be so no more
-- Sets without a summary are counted from scratch later (sets_unmatched).
WITH d AS MATERIALIZED (SELECT u.package::integer AS package, u.cell::integer AS cell, u.delta::integer AS delta, u.why::integer AS why, p.fails[u.cell + 1] AS fails
                          FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) u(package, cell, delta, why), policy p
                         WHERE p.scope = ''),
     w AS MATERIALIZED (
	SELECT s.id AS set_id,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (10, 11)), 0)::integer AS critical, coalesce(sum(d.delta) FILTER (WHERE d.cell = 11), 0)::integer AS critical_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (8, 9)), 0)::integer AS high, coalesce(sum(d.delta) FILTER (WHERE d.cell = 9), 0)::integer AS high_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (6, 7)), 0)::integer AS medium, coalesce(sum(d.delta) FILTER (WHERE d.cell = 7), 0)::integer AS medium_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (4, 5)), 0)::integer AS low, coalesce(sum(d.delta) FILTER (WHERE d.cell = 5), 0)::integer AS low_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (2, 3)), 0)::integer AS negligible, coalesce(sum(d.delta) FILTER (WHERE d.cell = 3), 0)::integer AS negligible_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.cell IN (0, 1)), 0)::integer AS unknown, coalesce(sum(d.delta) FILTER (WHERE d.cell = 1), 0)::integer AS unknown_fixable,
	       coalesce(sum(d.delta) FILTER (WHERE d.fails), 0)::integer AS failing,
	       min(d.why) FILTER (WHERE d.fails AND d.delta > 0) AS why_more, min(d.why) FILTER (WHERE d.fails AND d.delta < 0) AS why_less
	  FROM (SELECT DISTINCT package FROM d WHERE EXISTS (SELECT 1 FROM set_summary)) k
	  CROSS JOIN LATERAL (SELECT ps.id FROM package_set ps WHERE ps.packages @> ARRAY[k.package] OFFSET 0) s	-- by its index, whatever statistics say
	  JOIN d ON d.package = k.package
	 GROUP BY s.id),
     sets AS (
	UPDATE set_summary ss SET critical = ss.critical + w.critical, critical_fixable = ss.critical_fixable + w.critical_fixable,
	       high = ss.high + w.high, high_fixable = ss.high_fixable + w.high_fixable,
	       medium = ss.medium + w.medium, medium_fixable = ss.medium_fixable + w.medium_fixable,
	       low = ss.low + w.low, low_fixable = ss.low_fixable + w.low_fixable,
	       negligible = ss.negligible + w.negligible, negligible_fixable = ss.negligible_fixable + w.negligible_fixable,
	       unknown = ss.unknown + w.unknown, unknown_fixable = ss.unknown_fixable + w.unknown_fixable
	  FROM w WHERE ss.set_id = w.set_id
	RETURNING ss.set_id, ss.fails, w.failing, w.why_more, w.why_less),
     repositories AS (
	UPDATE repository_summary r SET critical = r.critical + x.critical, high = r.high + x.high, medium = r.medium + x.medium,
	       low = r.low + x.low, negligible = r.negligible + x.negligible, unknown = r.unknown + x.unknown, as_of = now()
	  FROM (SELECT rs.repository_id, sum(rs.images * w.critical) AS critical, sum(rs.images * w.high) AS high,
	               sum(rs.images * w.medium) AS medium, sum(rs.images * w.low) AS low, sum(rs.images * w.negligible) AS negligible,
	               sum(rs.images * w.unknown) AS unknown
	          FROM w JOIN repository_set rs USING (set_id) GROUP BY 1) x
	 WHERE r.repository_id = x.repository_id)
SELECT set_id, CASE WHEN fails THEN why_less ELSE why_more END FROM sets
 WHERE CASE WHEN fails THEN failing < 0 ELSE failing > 0 END ORDER BY set_id;

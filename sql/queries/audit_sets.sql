-- audit_sets: counts of sets that differ from a count of their findings.
-- $1 bigint from this id on, $2 bigint up to before this one
-- returns  how many differ, the first of them: key, stored, rebuilt; no row when there are none
WITH n AS (
	SELECT ps.id,
	       count(*) FILTER (WHERE f.severity = 5) c, count(*) FILTER (WHERE f.severity = 4) h,
	       count(*) FILTER (WHERE f.severity = 3) m, count(*) FILTER (WHERE f.severity = 2) l,
	       count(*) FILTER (WHERE f.severity = 1) n, count(*) FILTER (WHERE f.severity = 0) u,
	       count(*) FILTER (WHERE f.severity = 5 AND f.fixed_version <> '') cf, count(*) FILTER (WHERE f.severity = 4 AND f.fixed_version <> '') hf,
	       count(*) FILTER (WHERE f.severity = 3 AND f.fixed_version <> '') mf, count(*) FILTER (WHERE f.severity = 2 AND f.fixed_version <> '') lf,
	       count(*) FILTER (WHERE f.severity = 1 AND f.fixed_version <> '') nf, count(*) FILTER (WHERE f.severity = 0 AND f.fixed_version <> '') uf,
	       coalesce(max(1 + (f.fixed_version <> '')::integer) FILTER (WHERE k.cve IS NOT NULL), 0) kev,
	       coalesce(bool_or(p.fails[1 + 2 * f.severity + (f.fixed_version <> '')::integer]
	                OR (k.cve IS NOT NULL AND p.judged_kev > 0 AND 1 + (f.fixed_version <> '')::integer >= p.judged_kev)), false) fails
	  FROM package_set ps
	  JOIN policy p ON p.scope = ''
	  LEFT JOIN LATERAL unnest(ps.packages) member ON true
	  LEFT JOIN finding f ON f.package_id = member AND f.status = 'affected' AND NOT f.hidden
	  LEFT JOIN vulnerability v ON v.id = f.vulnerability_id LEFT JOIN kev k ON k.cve = v.name
	 WHERE ps.id >= $1::bigint AND ps.id < $2::bigint
	 GROUP BY ps.id)
SELECT count(*) OVER (), 'set ' || coalesce(n.id, ss.set_id),
       concat_ws(' ', ss.critical, ss.high, ss.medium, ss.low, ss.negligible, ss.unknown, ss.critical_fixable, ss.high_fixable,
                 ss.medium_fixable, ss.low_fixable, ss.negligible_fixable, ss.unknown_fixable, ss.kev, ss.fails),
       concat_ws(' ', n.c, n.h, n.m, n.l, n.n, n.u, n.cf, n.hf, n.mf, n.lf, n.nf, n.uf, n.kev, n.fails)
  FROM n FULL JOIN (SELECT * FROM set_summary WHERE set_id >= $1::bigint AND set_id < $2::bigint) ss ON ss.set_id = n.id
 WHERE (ss.critical, ss.high, ss.medium, ss.low, ss.negligible, ss.unknown, ss.critical_fixable, ss.high_fixable,
        ss.medium_fixable, ss.low_fixable, ss.negligible_fixable, ss.unknown_fixable, ss.kev, ss.fails) IS DISTINCT FROM
       (n.c, n.h, n.m, n.l, n.n, n.u, n.cf, n.hf, n.mf, n.lf, n.nf, n.uf, n.kev, n.fails)
 LIMIT 100;

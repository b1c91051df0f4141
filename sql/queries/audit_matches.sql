-- audit_matches: matches that differ from a rebuild.
-- $1 bigint[] packages; the rebuild: $2 bigint[] packages, $3 bigint[] advisories, $4 bigint[] severities, $5 text[] status,
-- $6 text[] fixed versions, $7 text[] rules, $8 bigint[] hidden (1, 0), $9 bigint[] who rated, $10 text[] reasons,
-- $11 bigint[] when stated, 0 = of a kind without
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT u.p, u.a, concat_ws(' ', u.status, u.severity, u.fixed, u.rule, u.hidden = 1, u.rated, u.reason, nullif(u.stated, 0)) AS says
             FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[],
                  $11::bigint[]) u(p, a, severity, status, fixed, rule, hidden, rated, reason, stated)),
     o AS (SELECT package_id::bigint AS p, advisory_id::bigint AS a, concat_ws(' ', status, severity, fixed_version, rule, hidden, rated, reason, stated) AS says
             FROM match WHERE package_id = ANY ($1::bigint[]))
SELECT count(*) OVER (), concat_ws(' ', 'package', p, 'advisory', a), o.says, n.says
  FROM n FULL JOIN o USING (p, a) WHERE n.says IS DISTINCT FROM o.says LIMIT 100;

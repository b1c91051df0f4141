-- audit_findings: findings that differ from a rebuild.
-- $1 bigint[] packages; the rebuild: $2 bigint[] packages, $3 bigint[] vulnerabilities, $4 bigint[] deciding advisories,
-- $5 bigint[] severities, $6 text[] status, $7 text[] fixed versions, $8 text[] rules, $9 bigint[] hidden (1, 0),
-- $10 bigint[] worst severities, $11 text[] reasons, $12 text[] fix states
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT u.p, u.v, concat_ws(' ', u.a, u.status, u.severity, u.fixed, u.rule, u.hidden = 1, u.worst, u.reason, u.fix_state) AS says
             FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[],
                  $10::bigint[], $11::text[], $12::text[]) u(p, v, a, severity, status, fixed, rule, hidden, worst, reason, fix_state)),
     o AS (SELECT package_id::bigint AS p, vulnerability_id::bigint AS v, concat_ws(' ', advisory_id, status, severity, fixed_version, rule, hidden, severity_worst, reason, fix_state) AS says
             FROM finding WHERE package_id = ANY ($1::bigint[]))
SELECT count(*) OVER (), concat_ws(' ', 'package', p, 'vulnerability', v), o.says, n.says
  FROM n FULL JOIN o USING (p, v) WHERE n.says IS DISTINCT FROM o.says LIMIT 100;

-- finding_put: findings that are new or changed.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities, $3 bigint[] deciding advisories, $4 bigint[] severities,
-- $5 text[] status, $6 text[] fixed versions, $7 text[] rules, $8 text[] first seen ('' = now, or as it was), $9 bigint[] hidden (1, 0),
-- $10 bigint[] worst severities, $11 text[] reasons, $12 text[] fix states
INSERT INTO finding AS f (package_id, vulnerability_id, advisory_id, severity, status, fixed_version, rule, first_seen, hidden, severity_worst, reason, fix_state)
SELECT u.p, u.v, u.a, u.severity, u.status, u.fixed, u.rule, coalesce(nullif(u.seen, '')::timestamptz, now()), u.hidden = 1, u.worst, u.reason, u.fix_state
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
              $10::bigint[], $11::text[], $12::text[])
       u(p, v, a, severity, status, fixed, rule, seen, hidden, worst, reason, fix_state)
ON CONFLICT (package_id, vulnerability_id) DO UPDATE SET advisory_id = EXCLUDED.advisory_id, status = EXCLUDED.status,
       severity = EXCLUDED.severity, fixed_version = EXCLUDED.fixed_version, rule = EXCLUDED.rule, hidden = EXCLUDED.hidden,
       severity_worst = EXCLUDED.severity_worst, reason = EXCLUDED.reason, fix_state = EXCLUDED.fix_state;

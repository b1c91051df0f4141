-- match_insert: advisories that apply, new or otherwise than before.
-- $1 bigint[] packages, $2 bigint[] advisories, $3 bigint[] severities, $4 text[] status, $5 text[] fixed versions, $6 text[] rules,
-- $7 bigint[] hidden (1, 0), $8 bigint[] who rated the severity, $9 text[] reasons,
-- $10 bigint[] when stated, 0 = of a kind without
INSERT INTO match (package_id, advisory_id, severity, status, fixed_version, rule, hidden, rated, reason, stated)
SELECT p, a, severity, status, fixed, rule, hidden = 1, rated, reason, nullif(stated, 0)
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[],
       $10::bigint[]) u(p, a, severity, status, fixed, rule, hidden, rated, reason, stated)
ON CONFLICT (package_id, advisory_id) DO UPDATE SET severity = EXCLUDED.severity, status = EXCLUDED.status,
       fixed_version = EXCLUDED.fixed_version, rule = EXCLUDED.rule, hidden = EXCLUDED.hidden, rated = EXCLUDED.rated,
       reason = EXCLUDED.reason, stated = EXCLUDED.stated;

-- match_insert: advisories that apply, new or otherwise than before.
-- $1 bigint[] packages, $2 bigint[] advisories, $3 bigint[] severities, $4 text[] status, $5 text[] fixed versions, $6 text[] rules
INSERT INTO match (package_id, advisory_id, severity, status, fixed_version, rule)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[])
ON CONFLICT (package_id, advisory_id) DO UPDATE SET severity = EXCLUDED.severity, status = EXCLUDED.status,
       fixed_version = EXCLUDED.fixed_version, rule = EXCLUDED.rule;

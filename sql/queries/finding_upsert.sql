-- finding_upsert: findings that are new or changed.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities, $3 bigint[] severities, $4 text[] advisories, $5 text[] status, $6 text[] fixed versions
-- returns  packages changed
INSERT INTO finding AS f (package_id, vulnerability_id, advisory_id, status, severity, fixed_version)
SELECT u.p, u.v, (SELECT m.advisory_id FROM match m JOIN advisory a ON a.id = m.advisory_id
                   WHERE m.package_id = u.p AND a.name = u.advisory ORDER BY m.advisory_id LIMIT 1),
       u.status, u.severity, u.fixed
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[]) u(p, v, severity, advisory, status, fixed)
ON CONFLICT (package_id, vulnerability_id) DO UPDATE SET advisory_id = EXCLUDED.advisory_id, status = EXCLUDED.status,
       severity = EXCLUDED.severity, fixed_version = EXCLUDED.fixed_version
 WHERE (f.advisory_id, f.status, f.severity, f.fixed_version) IS DISTINCT FROM
       (EXCLUDED.advisory_id, EXCLUDED.status, EXCLUDED.severity, EXCLUDED.fixed_version)
RETURNING f.package_id;

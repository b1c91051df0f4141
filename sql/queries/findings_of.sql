-- findings_of: findings as stored.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities or null for all
SELECT f.package_id, f.vulnerability_id, f.advisory_id, f.status, f.severity, f.fixed_version, f.rule, f.first_seen, a.name, f.hidden,
       f.severity_worst, f.reason, f.fix_state
  FROM finding f JOIN advisory a ON a.id = f.advisory_id
 WHERE f.package_id = ANY ($1::bigint[]) AND ($2::bigint[] IS NULL OR f.vulnerability_id = ANY ($2::bigint[]))
 ORDER BY f.package_id, f.vulnerability_id;

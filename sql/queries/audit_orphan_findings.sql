-- audit_orphan_findings: findings of packages, vulnerabilities or advisories that are not there.
-- returns  how many, the first of them: key, stored, rebuilt
SELECT count(*) OVER (), concat_ws(' ', 'package', f.package_id, 'vulnerability', f.vulnerability_id), f.status, NULL
  FROM finding f LEFT JOIN package p ON p.id = f.package_id LEFT JOIN vulnerability v ON v.id = f.vulnerability_id
  LEFT JOIN advisory a ON a.id = f.advisory_id
 WHERE p.id IS NULL OR v.id IS NULL OR a.id IS NULL LIMIT 100;

-- audit_findings: findings without a match, and matches without a finding.
SELECT count(*) FROM (SELECT DISTINCT m.package_id, av.vulnerability_id FROM match m JOIN advisory_vulnerability av USING (advisory_id)) n
  FULL JOIN finding f ON f.package_id = n.package_id AND f.vulnerability_id = n.vulnerability_id
 WHERE f.package_id IS NULL OR n.package_id IS NULL;

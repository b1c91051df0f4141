-- state_findings: the findings of a state.
-- $1 bigint state
SELECT v.name, p.name, p.version, f.fixed_version, f.status, f.severity
  FROM image_state s
  JOIN package_set ps ON ps.id = ANY (s.sets)
  JOIN LATERAL unnest(ps.packages) member ON true
  JOIN finding f ON f.package_id = member
  JOIN package p ON p.id = f.package_id
  JOIN vulnerability v ON v.id = f.vulnerability_id
 WHERE s.id = $1::bigint
 ORDER BY f.severity DESC, v.name, p.name;

-- matches_of: what findings are made of, one package and vulnerability after the other.
-- $1 bigint[] packages, $2 bigint[] vulnerabilities or null for all
SELECT m.package_id, av.vulnerability_id, a.name, m.advisory_id, m.status, m.severity, m.fixed_version, m.rule, p.namespace, m.hidden, m.rated, m.reason,
       coalesce(m.stated, 0)
  FROM match m
  JOIN advisory_vulnerability av USING (advisory_id)
  JOIN advisory a ON a.id = m.advisory_id
  JOIN package p ON p.id = m.package_id
 WHERE m.package_id = ANY ($1::bigint[]) AND ($2::bigint[] IS NULL OR av.vulnerability_id = ANY ($2::bigint[]))
 ORDER BY m.package_id, av.vulnerability_id, a.name, m.advisory_id;

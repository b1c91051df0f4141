-- explain_findings: the vulnerabilities that an image's packages have.
-- $1 bigint image
-- returns  vulnerability, name
SELECT DISTINCT v.id, v.name
  FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
  JOIN finding f ON f.package_id = member JOIN vulnerability v ON v.id = f.vulnerability_id
 WHERE s.image_id = $1::bigint;

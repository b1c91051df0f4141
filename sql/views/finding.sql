-- finding: what is wrong with each image, where it came in, and what fixes it.
-- LEFT: each is there, and who does not ask for its columns does not pay for it; packages come first, there are fewer of them.
CREATE VIEW dashboard.finding AS
SELECT r.reference, r.registry, r.repository, r.tag, r.digest, r.platform,
       v.name AS vulnerability, v.summary,
       (ARRAY['unknown', 'negligible', 'low', 'medium', 'high', 'critical'])[f.severity + 1] AS severity,
       f.severity AS severity_rank, f.status, p.namespace, p.type, p.name AS package, p.version, p.arch, p.source_name, f.fixed_version,
       a.name AS advisory, a.feed, st.position AS layer,
       'sha256:' || encode(l.digest, 'hex') AS layer_digest, il.created_by, f.first_seen,
       k.cve IS NOT NULL AS kev, k.due AS kev_due, k.ransomware AS kev_ransomware, e.score AS epss, e.percentile AS epss_percentile,
       p.origin, f.hidden,
       f.reason, f.fix_state, (ARRAY['unknown', 'negligible', 'low', 'medium', 'high', 'critical'])[f.severity_worst + 1] AS severity_upstream
  FROM dashboard.reference r
  JOIN image_set st ON st.image_id = r.image_id
  JOIN package_set ps ON ps.id = st.set_id
  JOIN LATERAL unnest(ps.packages) member ON true
  JOIN finding f ON f.package_id = member
  JOIN package p ON p.id = f.package_id
  LEFT JOIN vulnerability v ON v.id = f.vulnerability_id
  LEFT JOIN advisory a ON a.id = f.advisory_id
  LEFT JOIN kev k ON k.cve = v.name
  LEFT JOIN epss e ON e.cve = v.name
  LEFT JOIN image_layer il ON il.image_id = st.image_id AND il.position = st.position
  LEFT JOIN layer l ON l.id = il.layer_id;

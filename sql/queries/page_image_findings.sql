-- page_image_findings: its findings, hidden ones left out, by the layer that brought them, worst first, of those the known exploited first.
-- $1 bytea digest, $2 bigint rows
SELECT s.position, (ARRAY['unknown','negligible','low','medium','high','critical'])[f.severity + 1] AS severity, v.name AS vulnerability,
       concat_ws(' ', CASE WHEN k.cve IS NOT NULL THEN 'KEV' END, to_char(e.score, 'FM0.000')) AS exploited,
       p.type, p.name AS package, p.version, f.fixed_version,
       CASE WHEN f.fix_state IN ('will_not_fix', 'fix_deferred', 'end_of_life') THEN f.fix_state ELSE f.status END
       || CASE WHEN f.reason <> '' AND lower(translate(f.reason, ' -', '__')) <> f.fix_state THEN ' (' || left(f.reason, 200) || ')' ELSE '' END AS status,
       v.summary
  FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
  JOIN finding f ON f.package_id = member JOIN package p ON p.id = f.package_id JOIN vulnerability v ON v.id = f.vulnerability_id
  LEFT JOIN kev k ON k.cve = v.name LEFT JOIN epss e ON e.cve = v.name
 WHERE s.image_id = (SELECT id FROM image WHERE digest = $1::bytea)
   AND NOT f.hidden
 ORDER BY s.position, f.severity DESC, k.cve IS NULL, v.name, p.name, p.version LIMIT $2::bigint;

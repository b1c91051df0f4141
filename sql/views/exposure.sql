-- exposure: how far each vulnerability reaches.  Ask for one vulnerability or a
-- page of them; all at once costs what it says.
CREATE VIEW dashboard.exposure AS
SELECT v.name AS vulnerability, v.summary,
       (ARRAY['unknown', 'negligible', 'low', 'medium', 'high', 'critical'])[x.severity + 1] AS severity,
       x.packages, x.fixable, x.first_seen, y.images, y.repositories,
       k.cve IS NOT NULL AS kev, k.due AS kev_due, k.ransomware AS kev_ransomware, e.score AS epss, e.percentile AS epss_percentile
  FROM vulnerability v
  LEFT JOIN kev k ON k.cve = v.name
  LEFT JOIN epss e ON e.cve = v.name
  JOIN LATERAL (
	SELECT max(f.severity) AS severity, count(*) AS packages, bool_or(f.fixed_version <> '') AS fixable,
	       min(f.first_seen) AS first_seen, array_agg(f.package_id) AS ids
	  FROM finding f WHERE f.vulnerability_id = v.id AND f.status = 'affected' AND NOT f.hidden HAVING count(*) > 0) x ON true
  JOIN LATERAL (
	SELECT count(DISTINCT ri.image_id) AS images, count(DISTINCT ri.repository_id) AS repositories
	  FROM (SELECT DISTINCT st.image_id FROM package_set ps JOIN image_set st ON st.set_id = ps.id WHERE ps.packages && x.ids) m
	  JOIN repository_image ri ON ri.image_id = m.image_id AND ri.gone_at IS NULL	-- as dashboard.reference has them
	  JOIN repository r ON r.id = ri.repository_id AND r.gone_at IS NULL
	  JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL) y ON true;

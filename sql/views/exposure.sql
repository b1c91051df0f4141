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
	SELECT count(DISTINCT r.image_id) AS images, count(DISTINCT r.repository_id) AS repositories
	  FROM package_set ps
	  JOIN image_set st ON st.set_id = ps.id
	  JOIN dashboard.reference r ON r.image_id = st.image_id
	 WHERE ps.packages && x.ids) y ON true;

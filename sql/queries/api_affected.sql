-- api_affected: images that have a vulnerability (hidden findings do not count), under each of their names, a page at a time.
-- $1 vulnerability or advisory; behind: $2 bigint image, $3 bigint package, $4 bigint vulnerability, $5 reference; $6 bigint rows
-- returns  JSON; next = the cursor of its last row, absent on the last page
WITH v AS (
	SELECT id, name FROM vulnerability WHERE name = $1
	UNION SELECT w.id, w.name FROM advisory a JOIN advisory_vulnerability av ON av.advisory_id = a.id
	        JOIN vulnerability w ON w.id = av.vulnerability_id WHERE a.name = $1),
hit AS (
	SELECT DISTINCT r.image_id, p.id AS package_id, v.id AS vulnerability_id, r.reference, r.platform, r.digest,
	       v.name AS vulnerability, (ARRAY['unknown','negligible','low','medium','high','critical'])[f.severity + 1] AS severity,
	       f.status, p.type, p.name AS package, p.version, f.fixed_version,
	       k.cve IS NOT NULL AS kev, k.due, k.ransomware, e.score, e.percentile
	  FROM v JOIN finding f ON f.vulnerability_id = v.id AND NOT f.hidden JOIN package p ON p.id = f.package_id
	  LEFT JOIN kev k ON k.cve = v.name LEFT JOIN epss e ON e.cve = v.name
	  JOIN package_set ps ON ps.packages && ARRAY[p.id] JOIN image_set s ON s.set_id = ps.id
	  JOIN dashboard.reference r ON r.image_id = s.image_id
	 WHERE s.image_id >= $2::bigint AND (r.image_id, p.id, v.id, r.reference) > ($2::bigint, $3::bigint, $4::bigint, $5)
	 ORDER BY r.image_id, p.id, v.id, r.reference LIMIT $6::bigint + 1),
numbered AS (SELECT *, row_number() OVER (ORDER BY image_id, package_id, vulnerability_id, reference) AS n FROM hit)
SELECT json_strip_nulls(json_build_object('vulnerability', $1, 'images', coalesce(json_agg(json_build_object('reference', reference,
	'platform', platform, 'digest', digest, 'vulnerability', vulnerability, 'severity', severity, 'status', status, 'type', type,
	'package', package, 'version', version, 'fixed_version', fixed_version,
	'kev', kev, 'kev_due', due, 'kev_ransomware', ransomware, 'epss', score, 'epss_percentile', percentile) ORDER BY n) FILTER (WHERE n <= $6::bigint), '[]'),
	'next', CASE WHEN count(*) > $6::bigint THEN max(concat_ws('.', image_id, package_id, vulnerability_id, reference))
		FILTER (WHERE n = $6::bigint) END))::text
  FROM numbered
HAVING EXISTS (SELECT 1 FROM vulnerability WHERE name = $1) OR EXISTS (SELECT 1 FROM advisory WHERE name = $1);

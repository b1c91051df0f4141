-- api_affected: images that have a vulnerability (hidden findings do not count), under each of their names, a page at a time.
-- $1 vulnerability, advisory or an alias of one; behind: $2 bigint image, $3 bigint package, $4 bigint vulnerability, $5 reference; $6 bigint rows
-- returns  JSON; next = the cursor of its last row, absent on the last page
WITH v AS (
	SELECT id, name FROM vulnerability WHERE name = $1
	UNION SELECT w.id, w.name FROM advisory a JOIN advisory_vulnerability av ON av.advisory_id = a.id
	        JOIN vulnerability w ON w.id = av.vulnerability_id WHERE a.name = $1
	UNION SELECT w.id, w.name FROM advisory_name n JOIN advisory_vulnerability av ON av.advisory_id = n.advisory_id
	        JOIN vulnerability w ON w.id = av.vulnerability_id WHERE n.link AND n.name = $1
	         AND ($1 NOT LIKE 'CVE-%' OR NOT EXISTS (SELECT 1 FROM vulnerability WHERE name = $1))),	-- a CVE is its own name
-- in the order of the pages, so that names are looked up for one page only: hence both OFFSET 0
hit AS (
	SELECT c.image_id, c.package_id, c.vulnerability_id, r.reference, r.platform, r.digest,
	       c.vulnerability, (ARRAY['unknown','negligible','low','medium','high','critical'])[c.severity + 1] AS severity,
	       c.status, c.type, c.package, c.version, c.fixed_version,
	       k.cve IS NOT NULL AS kev, k.due, k.ransomware, e.score, e.percentile,
	       c.reason, c.fix_state, (ARRAY['unknown','negligible','low','medium','high','critical'])[c.severity_worst + 1] AS severity_upstream
	  FROM (SELECT DISTINCT s.image_id, p.id AS package_id, v.id AS vulnerability_id, v.name AS vulnerability, f.severity,
	               f.status, p.type, p.name AS package, p.version, f.fixed_version,
	               f.reason, f.fix_state, f.severity_worst
	          FROM v JOIN finding f ON f.vulnerability_id = v.id AND NOT f.hidden JOIN package p ON p.id = f.package_id
	          JOIN package_set ps ON ps.packages && ARRAY[p.id] JOIN image_set s ON s.set_id = ps.id
	         WHERE s.image_id >= $2::bigint AND (s.image_id, p.id, v.id) >= ($2::bigint, $3::bigint, $4::bigint)
	         ORDER BY 1, 2, 3 OFFSET 0) c
	  CROSS JOIN LATERAL (
		SELECT DISTINCT reference, platform, digest FROM dashboard.reference r
		 WHERE r.image_id = c.image_id AND (c.image_id, c.package_id, c.vulnerability_id, r.reference) > ($2::bigint, $3::bigint, $4::bigint, $5)
		OFFSET 0) r
	  LEFT JOIN kev k ON k.cve = c.vulnerability LEFT JOIN epss e ON e.cve = c.vulnerability
	 ORDER BY c.image_id, c.package_id, c.vulnerability_id, r.reference LIMIT $6::bigint + 1),
numbered AS (SELECT *, row_number() OVER (ORDER BY image_id, package_id, vulnerability_id, reference) AS n FROM hit)
SELECT json_strip_nulls(json_build_object('vulnerability', $1, 'images', coalesce(json_agg(json_build_object('reference', reference,
	'platform', platform, 'digest', digest, 'vulnerability', vulnerability, 'severity', severity, 'status', status, 'type', type,
	'package', package, 'version', version, 'fixed_version', fixed_version,
	'kev', kev, 'kev_due', due, 'kev_ransomware', ransomware, 'epss', score, 'epss_percentile', percentile,
	'reason', reason, 'fix_state', fix_state, 'severity_upstream', severity_upstream) ORDER BY n) FILTER (WHERE n <= $6::bigint), '[]'),
	'next', CASE WHEN count(*) > $6::bigint THEN max(concat_ws('.', image_id, package_id, vulnerability_id, reference))
		FILTER (WHERE n = $6::bigint) END))::text
  FROM numbered
HAVING EXISTS (SELECT 1 FROM vulnerability WHERE name = $1) OR EXISTS (SELECT 1 FROM advisory WHERE name = $1)
    OR EXISTS (SELECT 1 FROM advisory_name WHERE link AND name = $1);

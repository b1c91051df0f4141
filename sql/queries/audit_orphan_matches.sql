-- audit_orphan_matches: matches of packages or advisories that are not there.
-- returns  how many, the first of them: key, stored, rebuilt
SELECT count(*) OVER (), concat_ws(' ', 'package', m.package_id, 'advisory', m.advisory_id), m.status, NULL
  FROM match m LEFT JOIN package p ON p.id = m.package_id LEFT JOIN advisory a ON a.id = m.advisory_id
 WHERE p.id IS NULL OR a.id IS NULL LIMIT 100;

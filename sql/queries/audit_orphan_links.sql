-- audit_orphan_links: links and names of advisories or vulnerabilities that are not there.
-- returns  how many, the first of them: key, stored, rebuilt
SELECT count(*) OVER (), concat_ws(' ', 'advisory', x.advisory_id, x.what), 'there', NULL
  FROM (SELECT av.advisory_id, 'vulnerability ' || av.vulnerability_id AS what
          FROM advisory_vulnerability av LEFT JOIN advisory a ON a.id = av.advisory_id LEFT JOIN vulnerability v ON v.id = av.vulnerability_id
         WHERE a.id IS NULL OR v.id IS NULL
        UNION ALL
        SELECT n.advisory_id, n.name FROM advisory_name n LEFT JOIN advisory a ON a.id = n.advisory_id WHERE a.id IS NULL) x LIMIT 100;

-- export_kev: the table as the document that it was read from, as far as it is kept; null when it is empty.
SELECT CASE WHEN count(*) > 0 THEN json_build_object('catalogVersion', (SELECT version FROM feed WHERE name = 'kev'), 'vulnerabilities', json_agg(json_build_object(
       'cveID', cve, 'dateAdded', added, 'dueDate', coalesce(due::text, ''),
       'knownRansomwareCampaignUse', CASE WHEN ransomware THEN 'Known' ELSE 'Unknown' END) ORDER BY cve))::text END FROM kev;

-- 0033_several_cves: an advisory whose aliases are several CVEs is about each of them.
-- Looked at again: those that stand alone though they have aliases.
UPDATE advisory a SET changed = true
 WHERE NOT a.changed
   AND EXISTS (SELECT 1 FROM advisory_vulnerability av JOIN vulnerability v ON v.id = av.vulnerability_id
                WHERE av.advisory_id = a.id AND v.name = a.name AND v.name NOT LIKE 'CVE-%')
   AND (EXISTS (SELECT 1 FROM advisory_name n WHERE n.advisory_id = a.id AND n.link)
     OR EXISTS (SELECT 1 FROM advisory_name n WHERE n.name = a.name AND n.link));

-- advisories_joined: stood for themselves, and are now known to be about something else.
-- $1 text[] names
UPDATE advisory a SET changed = true
 WHERE a.name = ANY ($1::text[]) AND NOT a.changed
   AND EXISTS (SELECT 1 FROM advisory_vulnerability av JOIN vulnerability v ON v.id = av.vulnerability_id
                WHERE av.advisory_id = a.id AND v.name = a.name);

-- states_newly_covered: unknown for want of advisories that a feed has now.
SELECT s.id FROM image_state s JOIN verdict v ON v.image_state_id = s.id AND v.scope = ''
 WHERE v.verdict = 'unknown' AND s.matched
   AND EXISTS (SELECT 1 FROM unnest(s.namespaces) n JOIN feed_namespace fn ON fn.namespace = n
                JOIN feed f ON f.name = fn.feed WHERE f.imported_at >= v.changed_at - interval '1 minute')
   AND EXISTS (SELECT 1 FROM unnest(v.reasons) r WHERE r LIKE '%advisories%');

-- states_newly_covered: unknown for want of advisories that a feed has now, once all of them were matched.
SELECT s.id FROM image_state s JOIN verdict v ON v.image_state_id = s.id AND v.scope = ''
 WHERE v.verdict = 'unknown' AND s.matched
   AND NOT EXISTS (SELECT 1 FROM advisory WHERE changed)
   AND EXISTS (SELECT 1 FROM feed_namespace fn WHERE fn.namespace = ANY (s.namespaces))
   AND EXISTS (SELECT 1 FROM unnest(v.reasons) r WHERE r LIKE '%advisories%');

-- states_unmatched: states without a verdict whose sets are counted.
-- $1 integer at most
-- returns  state, cause, reference; cause analyzers = images came to it only because their layers were read again
SELECT s.id, CASE WHEN EXISTS (SELECT 1 FROM image_state_history h WHERE h.image_state_id = s.id)
                   AND NOT EXISTS (SELECT 1 FROM image_state_history h WHERE h.image_state_id = s.id AND h.cause <> 'analyzers')
             THEN 'analyzers' ELSE 'new_inventory' END, ''::text FROM image_state s
 WHERE NOT s.matched
   AND NOT EXISTS (SELECT 1 FROM set_due d WHERE d.set_id = ANY (s.sets))
 ORDER BY s.id LIMIT $1::integer;

-- sweep_states: some states, of which those without an image go, with their verdicts.  Run by the matcher alone, which
-- alone makes them.
-- $1 bigint the last one looked at, $2 integer how many to look at
-- returns  the last one looked at, null = there are no more; how many went
WITH w AS MATERIALIZED (SELECT id FROM image_state WHERE id > $1::bigint ORDER BY id LIMIT $2::integer),
     e AS MATERIALIZED (SELECT id FROM w WHERE NOT EXISTS (SELECT 1 FROM image i WHERE i.image_state_id = w.id)
              AND NOT EXISTS (SELECT 1 FROM image_state_history h WHERE h.image_state_id = w.id)),
     v AS (DELETE FROM verdict WHERE image_state_id IN (SELECT id FROM e)),
     r AS (DELETE FROM rejudge WHERE image_state_id IN (SELECT id FROM e)),
     s AS (DELETE FROM image_state WHERE id IN (SELECT id FROM e) RETURNING 1)
SELECT (SELECT max(id) FROM w), (SELECT count(*) FROM s);

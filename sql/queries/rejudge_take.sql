-- rejudge_take: the next states to judge again.
-- $1 integer at most
-- returns  state, cause, reference
WITH t AS (DELETE FROM rejudge WHERE id = ANY (ARRAY(SELECT id FROM rejudge ORDER BY id LIMIT $1::integer))
           RETURNING image_state_id, cause, reference)
SELECT image_state_id, cause, reference FROM t ORDER BY image_state_id;

-- rejudge_take: the next states to judge again.
-- $1 integer at most
-- returns  state, cause, reference: each state once, with the oldest cause
WITH t AS (DELETE FROM rejudge WHERE id = ANY (ARRAY(SELECT id FROM rejudge ORDER BY id LIMIT $1::integer))
           RETURNING id, image_state_id, cause, reference)
SELECT DISTINCT ON (image_state_id) image_state_id, cause, reference FROM t ORDER BY image_state_id, id;

-- states_unmatched: states without a verdict.
-- $1 integer at most
SELECT id FROM image_state WHERE NOT matched ORDER BY id LIMIT $1::integer;

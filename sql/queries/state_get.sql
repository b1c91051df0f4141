-- state_get: what is known against a state.
-- $1 bigint state
SELECT incomplete, array_to_string(reasons, '; ') FROM image_state WHERE id = $1::bigint;

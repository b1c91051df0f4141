-- image_applied: an image has its state.
-- $1 bigint image, $2 bigint image_state
UPDATE image SET image_state_id = $2::bigint, dirty = false, state = 'applied', reason = '' WHERE id = $1::bigint;

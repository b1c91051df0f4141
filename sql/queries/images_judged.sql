-- images_judged: when an image had its first verdict.
-- returns  image_states
UPDATE image i SET judged_at = now() FROM verdict v
 WHERE i.judged_at IS NULL AND v.image_state_id = i.image_state_id AND v.scope = ''
RETURNING i.image_state_id;

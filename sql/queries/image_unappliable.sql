-- image_unappliable: what its layers say cannot be stored: never clean.
-- $1 bigint image, $2 text reason
WITH due AS (INSERT INTO repository_due SELECT repository_id FROM repository_image WHERE image_id = $1::bigint AND gone_at IS NULL)
UPDATE image SET state = 'failed', reason = $2, dirty = false, reread = false, image_state_id = NULL WHERE id = $1::bigint;

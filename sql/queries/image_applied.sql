-- image_applied: an image has its state; its repositories are counted anew when it is another one.
-- $1 bigint image, $2 bigint image_state
WITH due AS (INSERT INTO repository_due
             SELECT ri.repository_id FROM repository_image ri JOIN image i ON i.id = ri.image_id
              WHERE ri.image_id = $1::bigint AND ri.gone_at IS NULL AND i.image_state_id IS DISTINCT FROM $2::bigint)
UPDATE image SET image_state_id = $2::bigint, dirty = false, state = 'applied', reason = '',
       judged_at = coalesce(judged_at, (SELECT now() FROM verdict v WHERE v.image_state_id = $2::bigint AND v.scope = ''))	-- content that is known
 WHERE id = $1::bigint;

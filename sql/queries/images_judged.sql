-- images_judged: when an image had its first verdict.
UPDATE image i SET judged_at = now() FROM verdict v
 WHERE i.judged_at IS NULL AND i.image_state_id IS NOT NULL AND v.image_state_id = i.image_state_id AND v.scope = '';

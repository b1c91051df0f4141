-- 0045_apply_again: what an rpm brings that no vendor answers for is judged by its ecosystem's advisories.  All images
-- are applied again, behind everything else.
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

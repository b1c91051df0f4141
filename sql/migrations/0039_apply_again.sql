-- 0039_apply_again: whose a package is, what owns a file and which database of rpm's counts is told
-- otherwise now: all images are applied again, behind everything else.
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

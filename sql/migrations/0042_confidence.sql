-- 0042_confidence: how sure it is which distribution an image is.  Release files that nobody read before
-- may say it, and contradict each other: all images are applied again, behind everything else.
ALTER TABLE image_state ADD COLUMN os_confidence text NOT NULL DEFAULT '';	-- distribution.h; '' = not applied since, or no distribution
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

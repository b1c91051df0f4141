-- 0043_origins: whose a package is, and of which branch, is told better (packages of tagged and personal archives, what
-- lies in the place of a package's file, gems with a newer copy): all images are applied again, behind everything else.
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

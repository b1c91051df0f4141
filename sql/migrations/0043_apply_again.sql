-- 0043_apply_again: folders of packages behind links may have more than was read, which makes an image incomplete; a
-- database counts while links lead to it; whose a package is, and of which branch, is told better (tagged and personal
-- archives, what lies in the place of a package's file, gems with a newer copy).  All images are applied again, behind
-- everything else.
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

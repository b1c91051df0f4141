-- 0043_apply_again: folders of packages behind links may have more than was read, which makes an image incomplete,
-- and a database counts while links lead to it: all images are applied again, behind everything else.
UPDATE image SET dirty = true, reread = true
 WHERE image_state_id IS NOT NULL AND NOT dirty AND kind = 'image';

-- images_dirty: images to apply; those that wait for it only because a layer was read again come last.
-- $1 integer at most
-- Locked: what a layer comes to while its image is applied would have its mark cleared unseen.  An image that somebody
-- else holds comes later.
SELECT id FROM image WHERE dirty ORDER BY reread, id LIMIT $1::integer FOR NO KEY UPDATE SKIP LOCKED;

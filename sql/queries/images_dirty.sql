-- images_dirty: images to apply; those that wait for it only because a layer was read again come last.
-- $1 integer at most
SELECT id FROM image WHERE dirty ORDER BY reread, id LIMIT $1::integer;

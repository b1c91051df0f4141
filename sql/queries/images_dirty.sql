-- images_dirty: images to apply.
-- $1 integer at most
SELECT id FROM image WHERE dirty ORDER BY id LIMIT $1::integer;

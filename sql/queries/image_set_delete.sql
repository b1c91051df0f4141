-- image_set_delete: before an image is applied anew.
-- $1 bigint image
DELETE FROM image_set WHERE image_id = $1::bigint;

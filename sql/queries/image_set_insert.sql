-- image_set_insert: the sets of an image.
-- $1 bigint image, $2 bigint[] positions, $3 bigint[] sets
INSERT INTO image_set (image_id, position, set_id)
SELECT DISTINCT $1::bigint, u.position, u.set_id FROM unnest($2::bigint[], $3::bigint[]) u(position, set_id);

-- repository_image_upsert: a repository holds an image.
-- $1 integer repository, $2 bigint image
INSERT INTO repository_image (repository_id, image_id) VALUES ($1::integer, $2::bigint)
ON CONFLICT (repository_id, image_id) DO UPDATE SET last_seen = now(), gone_at = NULL;

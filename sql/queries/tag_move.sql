-- tag_move: the registry says where a tag points; its history keeps where it pointed.  A repository that was taken for
-- gone meanwhile is not.
-- $1 integer repository, $2 text tag, $3 bigint image
WITH old AS (UPDATE tag_history SET gone_at = now()
              WHERE repository_id = $1::integer AND tag = $2 AND gone_at IS NULL AND image_id <> $3::bigint),
     error AS (DELETE FROM tag_error WHERE repository_id = $1::integer AND tag = $2),
     back AS (UPDATE repository SET gone_at = NULL, last_seen = now() WHERE id = $1::integer AND gone_at IS NOT NULL)
UPDATE tag_history SET last_seen = now()
 WHERE repository_id = $1::integer AND tag = $2 AND gone_at IS NULL AND image_id = $3::bigint;

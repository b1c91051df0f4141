-- tag_seen: an event says where a tag points.  One that we do not know points there;
-- one that we know elsewhere is not moved by it: events come late and twice.
-- $1 integer repository, $2 text tag, $3 bigint image
-- returns  a row when the registry must be asked
WITH known AS (SELECT id, image_id FROM tag_history WHERE repository_id = $1::integer AND tag = $2 AND gone_at IS NULL),
     seen AS (UPDATE tag_history t SET last_seen = now() FROM known WHERE t.id = known.id AND known.image_id = $3::bigint),
     new AS (INSERT INTO tag_history (repository_id, tag, image_id)
             SELECT $1::integer, $2, $3::bigint WHERE NOT EXISTS (SELECT 1 FROM known)),
     fine AS (DELETE FROM tag_error WHERE repository_id = $1::integer AND tag = $2
               AND NOT EXISTS (SELECT 1 FROM known WHERE image_id <> $3::bigint))
SELECT 1 FROM known WHERE image_id <> $3::bigint;

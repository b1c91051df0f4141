-- tag_insert: after tag_move, the row of where a tag points now, if there is none.
-- $1 integer repository, $2 text tag, $3 bigint image
INSERT INTO tag_history (repository_id, tag, image_id)
SELECT $1::integer, $2, $3::bigint
 WHERE NOT EXISTS (SELECT 1 FROM tag_history WHERE repository_id = $1::integer AND tag = $2 AND gone_at IS NULL);

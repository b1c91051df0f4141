-- gone_tag: the registry does not have a tag.
-- $1 integer repository, $2 tag
WITH error AS (DELETE FROM tag_error WHERE repository_id = $1::integer AND tag = $2)
UPDATE tag_history SET gone_at = now() WHERE repository_id = $1::integer AND tag = $2 AND gone_at IS NULL;

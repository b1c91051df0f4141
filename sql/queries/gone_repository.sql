-- gone_repository: a repository was removed with all it held.
-- $1 integer registry, $2 repository
WITH r AS (UPDATE repository SET gone_at = now() WHERE registry_id = $1::integer AND name = $2 RETURNING id),
     t AS (UPDATE tag_history SET gone_at = now() WHERE repository_id IN (SELECT id FROM r) AND gone_at IS NULL)
UPDATE repository_image SET gone_at = now() WHERE repository_id IN (SELECT id FROM r) AND gone_at IS NULL;

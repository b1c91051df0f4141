-- gone_tag: a tag was removed.
-- $1 integer registry, $2 repository, $3 tag
UPDATE tag_history t SET gone_at = now() FROM repository r
 WHERE r.id = t.repository_id AND r.registry_id = $1::integer AND r.name = $2 AND t.tag = $3 AND t.gone_at IS NULL;

-- tags_known: where the tags of a repository point, as far as we know, in their order.
-- $1 integer registry, $2 text repository
SELECT t.tag, i.digest FROM tag_history t JOIN repository r ON r.id = t.repository_id JOIN image i ON i.id = t.image_id
 WHERE r.registry_id = $1::integer AND r.name = $2 AND t.gone_at IS NULL ORDER BY t.tag;

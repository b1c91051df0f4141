-- tags_gone: after a whole list of tags, those that are not in it and were not seen since.
-- $1 integer registry, $2 text repository, $3 text[] tags, $4 time of the list
UPDATE tag_history t SET gone_at = now() FROM repository r
 WHERE r.id = t.repository_id AND r.registry_id = $1::integer AND r.name = $2 AND t.gone_at IS NULL AND NOT t.tag = ANY ($3::text[])
   AND t.last_seen < $4::timestamptz;

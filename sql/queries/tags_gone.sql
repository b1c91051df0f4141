-- tags_gone: after a whole list of tags, those that are not in it and were not seen since; nor is it unknown any more
-- where such a tag points.
-- $1 integer registry, $2 text repository, $3 text[] tags, $4 time of the list
WITH error AS (DELETE FROM tag_error e USING repository r
                WHERE r.id = e.repository_id AND r.registry_id = $1::integer AND r.name = $2
                  AND NOT e.tag = ANY ($3::text[]) AND e.at < $4::timestamptz)
UPDATE tag_history t SET gone_at = now() FROM repository r
 WHERE r.id = t.repository_id AND r.registry_id = $1::integer AND r.name = $2 AND t.gone_at IS NULL AND NOT t.tag = ANY ($3::text[])
   AND t.last_seen < $4::timestamptz;

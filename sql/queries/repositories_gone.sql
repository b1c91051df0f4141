-- repositories_gone: after a whole catalog, those that are not in it and were not seen since.
-- $1 integer registry, $2 text[] repositories, $3 time of the catalog
WITH r AS (UPDATE repository SET gone_at = now()
            WHERE registry_id = $1::integer AND gone_at IS NULL AND NOT name = ANY ($2::text[])
              AND last_seen < $3::timestamptz RETURNING id)
UPDATE tag_history SET gone_at = now() WHERE gone_at IS NULL AND repository_id IN (SELECT id FROM r);

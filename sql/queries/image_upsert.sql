-- image_upsert: the row of a manifest; none where somebody else made it since this statement began: once more.
-- $1 bytea digest
WITH new AS (INSERT INTO image (digest, pushed_at) SELECT $1::bytea, now()
              WHERE NOT EXISTS (SELECT 1 FROM image WHERE digest = $1::bytea)
                 ON CONFLICT DO NOTHING RETURNING id, state)
SELECT id, state FROM new UNION ALL SELECT id, state FROM image WHERE digest = $1::bytea LIMIT 1;

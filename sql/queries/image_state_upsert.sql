-- image_state_upsert: a state by its content.
-- $1 bytea digest, $2 bigint[] sets, $3 text[] namespaces, $4 os id, $5 os version, $6 os confidence, $7 boolean incomplete, $8 text[] reasons, $9 text[] notes
WITH new AS (INSERT INTO image_state (digest, sets, namespaces, os_id, os_version, os_confidence, incomplete, reasons, notes)
             SELECT $1::bytea, $2::bigint[]::integer[], $3::text[], $4, $5, $6, $7::boolean, $8::text[], $9::text[]
              WHERE NOT EXISTS (SELECT 1 FROM image_state WHERE digest = $1::bytea)
                 ON CONFLICT DO NOTHING RETURNING id)
SELECT id FROM new UNION ALL SELECT id FROM image_state WHERE digest = $1::bytea LIMIT 1;

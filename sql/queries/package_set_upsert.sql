-- package_set_upsert: a set by its content.
-- $1 bytea digest, $2 bigint[] members, sorted, $3 bigint coverage
WITH new AS (INSERT INTO package_set (digest, packages, coverage_id) SELECT $1::bytea, $2::bigint[]::integer[], $3::bigint
              WHERE NOT EXISTS (SELECT 1 FROM package_set WHERE digest = $1::bytea)
                 ON CONFLICT DO NOTHING RETURNING id),
     due AS (INSERT INTO set_due SELECT id FROM new)
SELECT id FROM new UNION ALL SELECT id FROM package_set WHERE digest = $1::bytea LIMIT 1;

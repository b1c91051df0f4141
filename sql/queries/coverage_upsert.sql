-- coverage_upsert: the row of a kind of packages.
-- $1 namespace, $2 type
WITH new AS (INSERT INTO coverage (namespace, type) SELECT $1, $2
              WHERE NOT EXISTS (SELECT 1 FROM coverage WHERE namespace = $1 AND type = $2)
                 ON CONFLICT DO NOTHING RETURNING id)
SELECT id FROM new UNION ALL SELECT id FROM coverage WHERE namespace = $1 AND type = $2 LIMIT 1;

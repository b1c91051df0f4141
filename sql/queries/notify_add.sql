-- notify_add: a new target, told what changes from now on; no row when the name is taken.
-- $1 name, $2 url, $3 its origin, $4 secret file, $5 boolean insecure, $6 boolean everything
WITH free AS (UPDATE notify_target SET name = left(name, 40) || '.removed-' || id WHERE name = $1 AND removed_at IS NOT NULL),
     new AS (INSERT INTO notify_target (name, url, origin, secret_file, insecure, everything, delivered)
             SELECT $1, $2, $3, $4, $5::boolean, $6::boolean, coalesce((SELECT max(id) FROM notification), 0)
              WHERE NOT EXISTS (SELECT 1 FROM notify_target WHERE name = $1 AND removed_at IS NULL)
             RETURNING name, origin),
     log AS (INSERT INTO audit (actor, action, detail) SELECT 'admin', 'notify add', name || ' ' || origin FROM new)
SELECT json_build_object('name', name, 'origin', origin)::text FROM new;

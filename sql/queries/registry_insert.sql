-- registry_insert: a new registry; no row when the name is taken.
-- $1 name, $2 url, $3 boolean insecure, $4 username, $5 password file, $6 webhook id, $7 bytea sha256 of the secret, $8 integer poll interval (s)
WITH free AS (UPDATE registry SET name = name || '.removed-' || id WHERE name = $1 AND removed_at IS NOT NULL),
     new AS (INSERT INTO registry (name, url, insecure, username, password_file, webhook_id, webhook_secret_sha256, poll_interval_s)
             SELECT $1, $2, $3::boolean, $4, $5, $6, $7::bytea, $8::integer
              WHERE NOT EXISTS (SELECT 1 FROM registry WHERE name = $1 AND removed_at IS NULL)
             RETURNING id, name, url),
     log AS (INSERT INTO audit (actor, action, detail) SELECT 'admin', 'registry add', name || ' ' || url FROM new)
SELECT id FROM new;

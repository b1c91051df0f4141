-- notify_remove: tell a target nothing more.
-- $1 name
WITH gone AS (UPDATE notify_target SET removed_at = now(), name = left(name, 40) || '.removed-' || id, url = origin, secret_file = ''
               WHERE name = $1 AND removed_at IS NULL RETURNING id),
     log AS (INSERT INTO audit (actor, action, detail) SELECT 'admin', 'notify remove', $1 FROM gone)
SELECT json_build_object('removed', $1)::text FROM gone;

-- registry_remove: read from it no more; what is known stays until it is swept.
-- $1 name
WITH gone AS (UPDATE registry SET removed_at = now(), name = left(name, 63 - length('.removed-' || id)) || '.removed-' || id
               WHERE name = $1 AND removed_at IS NULL RETURNING id),
     ri AS (UPDATE repository_image SET gone_at = now() WHERE gone_at IS NULL
             AND repository_id IN (SELECT r.id FROM repository r JOIN gone g ON g.id = r.registry_id)),
     t AS (UPDATE tag_history SET gone_at = now() WHERE gone_at IS NULL
             AND repository_id IN (SELECT r.id FROM repository r JOIN gone g ON g.id = r.registry_id)),
     log AS (INSERT INTO audit (actor, action, detail) SELECT 'admin', 'registry remove', $1 FROM gone)
SELECT json_build_object('removed', $1)::text FROM gone;

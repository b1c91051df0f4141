-- repository_upsert: the row of a repository.
-- $1 integer registry, $2 text name
INSERT INTO repository (registry_id, name) VALUES ($1::integer, $2)
ON CONFLICT (registry_id, name) DO UPDATE SET last_seen = now(), gone_at = NULL RETURNING id;

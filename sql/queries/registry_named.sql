-- registry_named: a registry by its name.
-- $1 name
-- returns  integer, url
SELECT id, url FROM registry WHERE name = $1 AND removed_at IS NULL;

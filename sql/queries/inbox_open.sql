-- inbox_open: what came in and is not worked in yet, oldest first.
-- $1 integer  at most
SELECT id, registry_id, source, body FROM inbox WHERE processed_at IS NULL ORDER BY id LIMIT $1::integer;

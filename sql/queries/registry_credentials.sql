-- registry_credentials: of a registry, for the coordinator only.
-- $1 integer registry
SELECT url, insecure, username, password_file FROM registry WHERE id = $1::integer;

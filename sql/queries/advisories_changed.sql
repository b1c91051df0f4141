-- advisories_changed: documents the matcher has not seen.
-- $1 integer at most
SELECT id, name, document FROM advisory WHERE changed ORDER BY id LIMIT $1::integer;

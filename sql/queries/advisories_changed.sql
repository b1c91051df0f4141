-- advisories_changed: documents the matcher has not seen.
-- $1 integer at most
-- Locked: an import that replaced one while it is being matched would have its
-- mark cleared unseen.  What an import holds now comes later.
SELECT id, name, document FROM advisory WHERE changed ORDER BY id LIMIT $1::integer
   FOR NO KEY UPDATE SKIP LOCKED;

-- advisories_after: all documents, piece by piece.
-- $1 bigint the last id seen
SELECT id, document FROM advisory WHERE id > $1::bigint AND NOT changed ORDER BY id LIMIT 1000;

-- advisory_document: a document as advisory_write() wrote it.
-- $1 bigint advisory
SELECT document FROM advisory WHERE id = $1::bigint;

-- affected_insert: the ranges of documents.
-- $1 bigint[] advisories, $2 bigint[] entries, $3 text[] namespaces, $4 text[] names, $5 bytea[] lo, $6 bytea[] hi
INSERT INTO affected (advisory_id, entry, namespace, name, lo, hi)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]);

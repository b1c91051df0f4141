-- affected_insert: the ranges of documents.
-- $1 bigint[] advisories, $2 bigint[] entries, $3 text[] namespaces, $4 text[] names, $5 bytea[] lo, $6 bytea[] hi, $7 bigint[] of a binary (1, 0)
INSERT INTO affected (advisory_id, entry, namespace, name, lo, hi, is_binary)
SELECT advisory_id, entry, namespace, name, lo, hi, is_binary = 1
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[])
       u(advisory_id, entry, namespace, name, lo, hi, is_binary);

-- affected_insert: the ranges of a document.
-- $1 bigint advisory, $2 bigint[] entries, $3 text[] namespaces, $4 text[] names, $5 bytea[] lo, $6 bytea[] hi
INSERT INTO affected (advisory_id, entry, namespace, name, lo, hi)
SELECT $1::bigint, u.entry, u.namespace, u.name, u.lo, u.hi
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]) u(entry, namespace, name, lo, hi);

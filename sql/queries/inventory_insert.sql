-- inventory_insert: one row a file.
-- $1 bigint layer, $2 bytea[] paths, $3 text[] kinds, $4 bigint[] revisions, $5 bytea[] records, $6 bigint files before these
INSERT INTO inventory (layer_id, seq, path, kind, revision, record)
SELECT $1::bigint, u.n + $6::bigint, u.path, u.kind, u.revision, u.record
  FROM unnest($2::bytea[], $3::text[], $4::bigint[], $5::bytea[]) WITH ORDINALITY u(path, kind, revision, record, n);

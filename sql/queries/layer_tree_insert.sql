-- layer_tree_insert: chunks of tree entries.
-- $1 bigint layer, $2 bytea[] chunks
INSERT INTO layer_tree (layer_id, seq, entries)
SELECT $1::bigint, u.n, u.entries FROM unnest($2::bytea[]) WITH ORDINALITY u(entries, n);

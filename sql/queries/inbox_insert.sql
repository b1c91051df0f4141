-- inbox_insert: events, durably; a repeated one is absorbed.
-- $1 bigint[] registries, $2 text[] sources, $3 bytea[] dedupe keys, $4 bytea[] bodies
INSERT INTO inbox (registry_id, source, dedupe, body)
SELECT u.registry, u.source, u.dedupe, u.body
  FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[]) WITH ORDINALITY u(registry, source, dedupe, body, n)
 ORDER BY u.n
ON CONFLICT (dedupe) DO NOTHING;

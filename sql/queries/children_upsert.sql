-- children_upsert: image rows for the children of an index.
-- $1 bigint index, $2 bytea[] digests
INSERT INTO image (digest, depth, pushed_at)
SELECT d.digest, p.depth + 1, p.pushed_at
  FROM (SELECT DISTINCT unnest($2::bytea[]) AS digest) d, image p
 WHERE p.id = $1::bigint AND NOT EXISTS (SELECT 1 FROM image i WHERE i.digest = d.digest)
 ORDER BY d.digest
ON CONFLICT DO NOTHING;

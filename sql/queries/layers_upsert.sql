-- layers_upsert: layer rows, sorted so that two images cannot deadlock.
-- $1 bytea[] digests
INSERT INTO layer (digest)
SELECT d.digest FROM (SELECT DISTINCT unnest($1::bytea[]) AS digest) d
 WHERE NOT EXISTS (SELECT 1 FROM layer l WHERE l.digest = d.digest)
 ORDER BY d.digest
ON CONFLICT DO NOTHING;

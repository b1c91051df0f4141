-- layer_jobs: read the layers of an image, or of those that an index holds, that nobody has read, or not with the
-- path hashes that a position above 0 needs.  One that failed is as if nobody had
-- tried: whoever asks waits for what comes of it now.
-- $1 bigint image, $2 integer priority
WITH RECURSIVE i AS (
	SELECT $1::bigint AS id
	UNION SELECT c.child_id FROM i JOIN index_child c ON c.index_id = i.id AND NOT c.attestation),
     failed AS (SELECT id FROM layer WHERE state = 'failed' AND id IN (SELECT il.layer_id FROM i JOIN image_layer il ON il.image_id = i.id
                  WHERE il.media_type NOT LIKE '%+encrypted%' AND il.media_type NOT LIKE '%nydus%')
                 ORDER BY id FOR UPDATE),
     again AS (UPDATE layer SET state = 'new' WHERE id IN (SELECT id FROM failed))
INSERT INTO job (kind, layer_id, hashes, priority)
SELECT 'layer', il.layer_id, bool_or(il.position > 0), $2::smallint
  FROM i JOIN image_layer il ON il.image_id = i.id JOIN layer l ON l.id = il.layer_id
 WHERE (l.state = 'new'
        OR (l.state = 'failed' AND il.media_type NOT LIKE '%+encrypted%')
        OR (NOT l.hashed AND il.position > 0))
   AND NOT (l.state = 'failed' AND (il.media_type LIKE '%+encrypted%' OR il.media_type LIKE '%nydus%'))
 GROUP BY il.layer_id
 ORDER BY il.layer_id	-- one order of locks for images that share layers
ON CONFLICT (layer_id) WHERE kind = 'layer'
DO UPDATE SET hashes = job.hashes OR EXCLUDED.hashes, priority = least(job.priority, EXCLUDED.priority),
       reread = false, not_before = CASE WHEN job.reread THEN now() ELSE job.not_before END;	-- any worker, now

-- image_failed: a manifest cannot be resolved.
-- $1 bigint image, $2 text reason
UPDATE image SET state = 'failed', reason = $2 WHERE id = $1::bigint AND state IN ('new', 'failed');

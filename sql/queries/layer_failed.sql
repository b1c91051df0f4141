-- layer_failed: a layer cannot be read; a result from before stays.
-- $1 bigint layer, $2 text reason
UPDATE layer SET state = 'failed', reasons = ARRAY[$2::text] WHERE id = $1::bigint AND state IN ('new', 'failed');

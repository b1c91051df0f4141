-- layer_inventory: the records of a layer.
-- $1 bigint layer
SELECT record FROM inventory WHERE layer_id = $1::bigint ORDER BY seq;

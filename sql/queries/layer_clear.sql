-- layer_clear: forget what was read of a layer, before it is stored anew.
-- $1 bigint layer
WITH t AS (DELETE FROM layer_tree WHERE layer_id = $1::bigint)
DELETE FROM inventory WHERE layer_id = $1::bigint;

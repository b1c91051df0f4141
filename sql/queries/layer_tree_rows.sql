-- layer_tree_rows: the tree of a layer.
-- $1 bigint layer
SELECT entries FROM layer_tree WHERE layer_id = $1::bigint ORDER BY seq;

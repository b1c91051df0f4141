-- sweep_layers: what was read of layers that no image has; an image that has one again finds it unread.
-- $1 bigint[] layers, locked before
-- returns  how many
WITH e AS MATERIALIZED (SELECT l.id FROM layer l WHERE l.id = ANY ($1::bigint[])
              AND NOT EXISTS (SELECT 1 FROM image_layer il WHERE il.layer_id = l.id) AND NOT EXISTS (SELECT 1 FROM job j WHERE j.layer_id = l.id)),
     i AS (DELETE FROM inventory WHERE layer_id IN (SELECT id FROM e)),
     t AS (DELETE FROM layer_tree WHERE layer_id IN (SELECT id FROM e)),
     u AS (UPDATE layer SET state = 'new', reasons = '{}', hashed = false, analyzer_set_id = 0, content = NULL, reread_error = '', reread_at = NULL WHERE id IN (SELECT id FROM e) RETURNING 1)
SELECT count(*) FROM u;

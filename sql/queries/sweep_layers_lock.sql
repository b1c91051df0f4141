-- sweep_layers_lock: some layers, and those among them that no image has; as sweep_images_lock.
-- $1 bigint the last one looked at, $2 integer how many to look at
-- returns  the last one looked at, null = there are no more; a layer, null = none of them
WITH w AS MATERIALIZED (SELECT id FROM layer WHERE id > $1::bigint ORDER BY id LIMIT $2::integer),
     c AS MATERIALIZED (SELECT l.id FROM layer l JOIN w USING (id)
            WHERE l.state <> 'new'
              AND NOT EXISTS (SELECT 1 FROM image_layer il WHERE il.layer_id = l.id) AND NOT EXISTS (SELECT 1 FROM job j WHERE j.layer_id = l.id)
            ORDER BY l.id FOR UPDATE OF l SKIP LOCKED)
SELECT m.last, c.id FROM (SELECT max(id) AS last FROM w) m LEFT JOIN c ON true;

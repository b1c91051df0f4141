-- reapply_next: the next images of a layer that was read again are to be applied again.
-- $1 integer at most
-- returns  how many
WITH r AS MATERIALIZED (SELECT layer_id, image_id FROM reapply ORDER BY layer_id LIMIT 1 FOR UPDATE SKIP LOCKED),
     w AS MATERIALIZED (SELECT il.image_id FROM image_layer il
            WHERE il.layer_id = (SELECT layer_id FROM r) AND il.image_id > (SELECT image_id FROM r)
            ORDER BY il.image_id LIMIT $1::integer),
     u AS (UPDATE image SET dirty = true, reread = true
            WHERE id IN (SELECT i.id FROM image i
                          WHERE i.id IN (SELECT image_id FROM w) AND i.kind = 'image' AND NOT i.dirty
                            AND NOT EXISTS (SELECT 1 FROM image_layer il JOIN layer l ON l.id = il.layer_id
                                             WHERE il.image_id = i.id AND l.state = 'new')
                          ORDER BY i.id FOR UPDATE)),	-- one order of locks
     e AS (DELETE FROM reapply WHERE layer_id IN (SELECT layer_id FROM r) AND NOT EXISTS (SELECT 1 FROM w)),
     n AS (UPDATE reapply p SET image_id = (SELECT max(image_id) FROM w)
            WHERE p.layer_id IN (SELECT layer_id FROM r) AND EXISTS (SELECT 1 FROM w))
SELECT (SELECT count(*) FROM w) + (SELECT count(*) FROM r);

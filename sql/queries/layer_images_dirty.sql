-- layer_images_dirty: images of a layer that have all their layers now.
-- $1 bigint layer
UPDATE image SET dirty = true, reread = false
 WHERE id IN (SELECT i.id FROM image i
               WHERE i.kind = 'image'
                 AND i.id IN (SELECT image_id FROM image_layer WHERE layer_id = $1::bigint)
                 AND NOT EXISTS (SELECT 1 FROM image_layer il JOIN layer l ON l.id = il.layer_id
                                  WHERE il.image_id = i.id AND l.state = 'new')
               ORDER BY i.id FOR UPDATE);	-- one order of locks

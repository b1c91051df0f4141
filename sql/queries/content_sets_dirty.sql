-- content_sets_dirty: images with a layer that names repositories, to be applied again.
UPDATE image SET dirty = true
 WHERE id IN (SELECT i.id FROM image i
               WHERE i.kind = 'image' AND i.state = 'applied'
                 AND EXISTS (SELECT 1 FROM image_layer il JOIN inventory v ON v.layer_id = il.layer_id
                              WHERE il.image_id = i.id AND v.kind = 'content_sets')
               ORDER BY i.id FOR UPDATE);	-- one order of locks

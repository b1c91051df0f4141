-- image_ready_dirty: apply the image if all its layers are known.
-- $1 bigint image
UPDATE image i SET dirty = true, reread = false
 WHERE i.id = $1::bigint AND i.kind = 'image'
   AND NOT EXISTS (SELECT 1 FROM image_layer il JOIN layer l ON l.id = il.layer_id
                    WHERE il.image_id = i.id AND l.state = 'new');

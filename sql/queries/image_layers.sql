-- image_layers: the layers of an image, lowest first, and what is known of them.
-- $1 bigint image
SELECT il.layer_id, l.state, array_to_string(l.reasons, '; '), il.size, l.size
  FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = $1::bigint ORDER BY il.position;

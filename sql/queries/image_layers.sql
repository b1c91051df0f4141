-- image_layers: the layers of an image, lowest first, and what is known of them.
-- $1 bigint image
-- returns  layer, state, reasons, size as claimed and as read, digest, the command that made it, OS of the image
SELECT il.layer_id, l.state, array_to_string(l.reasons, '; '), il.size, l.size,
       'sha256:' || encode(l.digest, 'hex'), il.created_by, i.os
  FROM image_layer il JOIN layer l ON l.id = il.layer_id JOIN image i ON i.id = il.image_id WHERE il.image_id = $1::bigint ORDER BY il.position;

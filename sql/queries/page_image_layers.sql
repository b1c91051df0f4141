-- page_image_layers: its layers.
-- $1 bytea digest
SELECT il.position AS layer, l.state, pg_size_pretty(il.size) AS size, il.created_by AS "made by", 'sha256:' || left(encode(l.digest, 'hex'), 12) AS digest
  FROM image i JOIN image_layer il ON il.image_id = i.id JOIN layer l ON l.id = il.layer_id WHERE i.digest = $1::bytea ORDER BY 1;

-- page_image_layers: its layers, lowest first.
-- $1 bytea digest
SELECT il.position, l.state, pg_size_pretty(il.size) AS size, il.created_by, 'sha256:' || encode(l.digest, 'hex') AS digest,
       array_to_string(l.reasons, E'\n') AS reasons, (SELECT count(*) FROM image_layer x WHERE x.layer_id = l.id) AS images
  FROM image i JOIN image_layer il ON il.image_id = i.id JOIN layer l ON l.id = il.layer_id WHERE i.digest = $1::bytea ORDER BY 1;

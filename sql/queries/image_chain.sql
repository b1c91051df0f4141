-- image_chain: the digest of its stack of layers, once all of them are known.
-- $1 bigint image
UPDATE image SET chain = (SELECT sha256(string_agg(l.digest, ''::bytea ORDER BY il.position))
  FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = $1::bigint)
 WHERE id = $1::bigint AND chain IS NULL;

-- 0004_base_image: a digest of an image's stack of layer digests, by which an
-- image that stands on all layers of another one is recognised.
ALTER TABLE image ADD COLUMN chain bytea;
UPDATE image i SET chain = (SELECT sha256(string_agg(l.digest, ''::bytea ORDER BY il.position))
  FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = i.id);
CREATE INDEX image_by_chain ON image (chain) WHERE chain IS NOT NULL;

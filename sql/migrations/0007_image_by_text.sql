-- 0007_image_by_text: views write digests as text, and people ask by that text.  A
-- hash index is a third of a btree's size here.
CREATE INDEX image_by_text ON image USING hash (('sha256:' || encode(digest, 'hex')));

-- 0011_channels: Red Hat's release has lines with fixes of their own, and an image
-- takes some of them; which, its repositories tell.
ALTER TABLE package ADD COLUMN channels text NOT NULL DEFAULT '';	-- channel.h; '' = the main line of its release

CREATE TABLE content_set (	-- Red Hat's repositories, from the feed redhat_repositories
	name text PRIMARY KEY COLLATE "C",
	cpes text NOT NULL	-- products, words with one space between
);

-- Its packages are found by their source too: made anew, with both keys, when
-- their images are applied again.
UPDATE package SET identity = sha256(identity) WHERE namespace LIKE 'Red Hat:%';
UPDATE image SET dirty = true
 WHERE kind = 'image' AND state = 'applied'
   AND id IN (SELECT s.image_id FROM image_set s JOIN package_set p ON p.id = s.set_id JOIN coverage c ON c.id = p.coverage_id
               WHERE c.namespace LIKE 'Red Hat:%' OR EXISTS (SELECT 1 FROM image_layer il JOIN inventory v ON v.layer_id = il.layer_id
                                                              WHERE il.image_id = s.image_id AND v.kind = 'content_sets'));

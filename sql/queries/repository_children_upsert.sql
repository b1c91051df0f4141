-- repository_children_upsert: what an index that is known already holds, its new
-- repository holds too.
-- $1 integer repository, $2 bigint image
WITH RECURSIVE below AS (
	SELECT child_id, 1 AS depth FROM index_child WHERE index_id = $2::bigint
	UNION
	SELECT c.child_id, b.depth + 1 FROM below b JOIN index_child c ON c.index_id = b.child_id WHERE b.depth < 8)
INSERT INTO repository_image (repository_id, image_id) SELECT DISTINCT $1::integer, child_id FROM below
ON CONFLICT (repository_id, image_id) DO UPDATE SET last_seen = now(), gone_at = NULL;

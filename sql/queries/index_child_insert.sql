-- index_child_insert: the children of an index in its order, and that its repositories hold them.
-- $1 bigint index, $2 bytea[] digests, $3 text[] os, $4 text[] architecture, $5 text[] variant, $6 bigint[] attestation
WITH child AS (
	INSERT INTO index_child (index_id, position, child_id, os, architecture, variant, attestation)
	SELECT $1::bigint, u.n, i.id, u.os, u.architecture, u.variant, u.attestation = 1
	  FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[])
	       WITH ORDINALITY u(digest, os, architecture, variant, attestation, n)
	  JOIN image i USING (digest)
	ON CONFLICT DO NOTHING RETURNING child_id)
INSERT INTO repository_image (repository_id, image_id)
SELECT DISTINCT ri.repository_id, c.child_id FROM repository_image ri, child c
 WHERE ri.image_id = $1::bigint AND ri.gone_at IS NULL
ON CONFLICT (repository_id, image_id) DO UPDATE SET last_seen = now(), gone_at = NULL;

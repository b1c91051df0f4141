-- index_jobs: resolve the children that nobody has resolved; what another index calls an attestation is none here.
-- $1 bigint index, $2 integer priority
INSERT INTO job (kind, image_id, priority)
SELECT DISTINCT 'resolve', i.id, $2::smallint
  FROM index_child c JOIN image i ON i.id = c.child_id
 WHERE c.index_id = $1::bigint AND NOT c.attestation AND (i.state IN ('new', 'failed') OR i.reason = 'attestation') AND i.id <> c.index_id
ON CONFLICT DO NOTHING;

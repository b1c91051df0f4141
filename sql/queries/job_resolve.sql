-- job_resolve: resolve an image that is not resolved, or that only an index calls an attestation.
-- $1 bigint image, $2 integer priority
INSERT INTO job (kind, image_id, priority)
SELECT 'resolve', id, $2::smallint FROM image WHERE id = $1::bigint AND (state IN ('new', 'failed') OR reason = 'attestation')
ON CONFLICT (image_id) WHERE image_id IS NOT NULL
DO UPDATE SET priority = least(job.priority, EXCLUDED.priority), not_before = least(job.not_before, now());

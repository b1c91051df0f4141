-- gone_manifest: a manifest was removed from a repository, its tags with it; whether
-- they were pushed again since, the registry is asked.
-- $1 integer registry, $2 repository, $3 bytea digest
WITH gone AS (
	UPDATE repository_image ri SET gone_at = now() FROM repository r, image i
	 WHERE r.id = ri.repository_id AND r.registry_id = $1::integer AND r.name = $2
	   AND i.id = ri.image_id AND i.digest = $3::bytea AND ri.gone_at IS NULL
	RETURNING ri.repository_id, ri.image_id),
t AS (
	UPDATE tag_history t SET gone_at = now() FROM gone g
	 WHERE t.repository_id = g.repository_id AND t.image_id = g.image_id AND t.gone_at IS NULL
	RETURNING t.repository_id, t.tag)
INSERT INTO job (kind, repository_id, tag) SELECT 'resolve', repository_id, tag FROM t
ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL
DO UPDATE SET not_before = least(job.not_before, now()), asked = job.asked + 1;

-- job_repository: a repository that a job reads from at one registry.
-- $1 bigint job, $2 integer registry
SELECT r.name
  FROM job j
  JOIN LATERAL (
	SELECT ri.repository_id FROM image_layer il JOIN repository_image ri USING (image_id)
	 WHERE il.layer_id = j.layer_id AND ri.gone_at IS NULL
	UNION ALL
	SELECT repository_id FROM repository_image WHERE image_id = j.image_id AND gone_at IS NULL
	UNION ALL
	SELECT j.repository_id) p ON true
  JOIN repository r ON r.id = p.repository_id
 WHERE j.id = $1::bigint AND r.registry_id = $2::integer
 LIMIT 1;

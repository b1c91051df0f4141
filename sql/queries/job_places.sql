-- job_places: where a job's bytes can be read, at most four.
-- $1 bigint layer, $2 bigint image, $3 integer repository (one of them set)
-- returns  registry id, url, repository, insecure, paused, max_requests
SELECT g.id, g.url, r.name, g.insecure, g.paused_until > now(), g.max_requests
  FROM (SELECT ri.repository_id
          FROM image_layer il JOIN repository_image ri USING (image_id)
         WHERE il.layer_id = $1::bigint AND ri.gone_at IS NULL
        UNION ALL
        SELECT repository_id FROM repository_image WHERE image_id = $2::bigint AND gone_at IS NULL
        UNION ALL
        SELECT $3::integer WHERE $3::integer IS NOT NULL) p
  JOIN repository r ON r.id = p.repository_id
  JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL
 LIMIT 4;

-- job_places: where a job's bytes can be read: at most four repositories, those of
-- paused registries last, before them those where it was seen last: who asks is first, and
-- what was pushed long ago may be pruned.  A base layer may lie in a million images: some are enough.
-- $1 bigint layer, $2 bigint image, $3 integer repository (one of them set)
-- returns  registry id, url, repository, insecure, paused, max_requests
SELECT g.id, g.url, p.name, g.insecure, g.paused_until > now() AS paused, g.max_requests
  FROM ((SELECT r.registry_id, r.name, il.image_id, ri.last_seen
           FROM image_layer il
           JOIN repository_image ri ON ri.image_id = il.image_id AND ri.gone_at IS NULL
           JOIN repository r ON r.id = ri.repository_id
           JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL
          WHERE il.layer_id = $1::bigint
          ORDER BY il.image_id DESC LIMIT 256)
        UNION ALL
        (SELECT r.registry_id, r.name, ri.image_id, ri.last_seen FROM repository_image ri JOIN repository r ON r.id = ri.repository_id
          WHERE ri.image_id = $2::bigint AND ri.gone_at IS NULL LIMIT 256)
        UNION ALL
        SELECT registry_id, name, 0, now() FROM repository WHERE id = $3::integer) p
  JOIN registry g ON g.id = p.registry_id AND g.removed_at IS NULL
 GROUP BY g.id, p.name
 ORDER BY paused, max(p.last_seen) DESC, max(p.image_id) DESC, g.id, p.name
 LIMIT 4;

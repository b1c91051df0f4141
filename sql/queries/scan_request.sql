-- scan_request: resolve a reference now; no row when no registry has the host.
-- $1 host or registry name, $2 repository, $3 tag ('' = none), $4 bytea digest or null
-- Of several registries with the host, one that has the repository: api_image looks there, too.
WITH g AS (SELECT c.id, c.repository
             FROM (SELECT id, $2 AS repository FROM registry WHERE removed_at IS NULL AND lower($1) = ANY (names)
                   UNION ALL	-- NAME/REPOSITORY has no host
                   SELECT id, substr($2, length(name) + 2) FROM registry
                    WHERE removed_at IS NULL AND $1 = 'docker.io' AND starts_with($2, name || '/')) c
             LEFT JOIN repository r ON r.registry_id = c.id AND r.name = c.repository AND r.gone_at IS NULL
            ORDER BY r.id IS NULL, c.repository <> $2, c.id LIMIT 1),
     r AS (INSERT INTO repository (registry_id, name) SELECT id, repository FROM g
           ON CONFLICT (registry_id, name) DO UPDATE SET last_seen = now(), gone_at = NULL RETURNING id),
     i AS (INSERT INTO image (digest, pushed_at) SELECT $4::bytea, now() FROM r WHERE $4::bytea IS NOT NULL
           ON CONFLICT (digest) DO UPDATE SET digest = EXCLUDED.digest RETURNING id, state, kind, reason),
     ri AS (INSERT INTO repository_image (repository_id, image_id) SELECT r.id, i.id FROM r, i
            ON CONFLICT (repository_id, image_id) DO UPDATE SET last_seen = now(), gone_at = NULL),
     j AS (INSERT INTO job (kind, repository_id, tag) SELECT 'resolve', r.id, $3 FROM r WHERE $3 <> ''
           ON CONFLICT (repository_id, tag) WHERE tag IS NOT NULL
           DO UPDATE SET priority = 0, not_before = now(), asked = job.asked + 1),
     k AS (INSERT INTO job (kind, image_id) SELECT 'resolve', i.id FROM i
            WHERE i.state IN ('new', 'failed') OR i.kind = 'index' OR i.reason = 'attestation'	-- what failed gets another chance
               OR EXISTS (SELECT 1 FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = i.id AND l.state = 'failed')
           ON CONFLICT (image_id) WHERE image_id IS NOT NULL DO UPDATE SET priority = 0, not_before = now())
SELECT id FROM r;

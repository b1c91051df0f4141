-- api_scan_state: does a tag still have to be asked for at its registry, and what
-- did the last try say.
-- $1 host or registry name, $2 repository, $3 tag, $4 integer tries of the last so many seconds count
WITH r AS (SELECT r.id, r.name FROM repository r JOIN registry g ON g.id = r.registry_id
            WHERE g.removed_at IS NULL AND ((r.name = $2 AND lower($1) = ANY (g.names))
               OR ($1 = 'docker.io' AND $2 = g.name || '/' || r.name)) ORDER BY r.gone_at IS NOT NULL, r.name <> $2, g.id LIMIT 1),
     j AS (SELECT j.last_error FROM job j JOIN r ON r.id = j.repository_id WHERE j.tag = $3),
     a AS (SELECT a.outcome, a.reason FROM attempt a, r
            WHERE a.kind = 'resolve' AND a.at > now() - make_interval(secs => $4::integer) AND a.target = r.name || ':' || $3
              AND NOT EXISTS (SELECT 1 FROM tag_history t	-- a later one had an answer
                               WHERE t.repository_id = r.id AND t.tag = $3 AND t.gone_at IS NULL AND t.last_seen > a.at)
            ORDER BY a.at DESC LIMIT 1)
SELECT json_build_object('open', EXISTS (SELECT 1 FROM j), 'outcome', coalesce((SELECT outcome FROM a), ''),
       'error', coalesce((SELECT reason FROM a), ''))::text;

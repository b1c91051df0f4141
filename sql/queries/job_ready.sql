-- job_ready: what may be dispatched now, push before back-fill.
-- $1 bigint[]  jobs in flight
-- $2 integer   at most
-- $3 integer   none that was started so often without an end
-- $4 boolean   those too that want a worker that reads as the farm does
-- $5 integer   so many starts that were no failures weigh as one without an end
-- $6 bigint[]  registries with requests under way
-- $7 bigint[]  how many
-- returns  id, kind, target bytea, tag, attempt, hashes, layer_id, image_id, repository_id, priority, unended, asked,
--          repository, last_error, failures, reread
-- The first 2,048 are looked at.  Those that only a registry can serve which bears no more requests stand aside: else a
-- slow one's would keep all workers from what other registries have.
WITH busy AS MATERIALIZED (
	SELECT coalesce(array_agg(g.id), '{}') AS ids
	  FROM registry g JOIN unnest($6::bigint[], $7::bigint[]) u(id, n) ON u.id = g.id WHERE u.n >= g.max_requests)
-- look-ups by id, and a number that the planner sees: it does not know how few rows $2 are
SELECT j.id, j.kind, coalesce((SELECT l.digest FROM layer l WHERE l.id = j.layer_id), (SELECT i.digest FROM image i WHERE i.id = j.image_id)),
       j.tag, j.attempt, j.hashes, j.layer_id, j.image_id, j.repository_id, j.priority, j.weight, j.asked,
       (SELECT r.name FROM repository r WHERE r.id = j.repository_id), j.last_error, j.failures, j.reread
  FROM busy
 CROSS JOIN LATERAL (
	SELECT j.*, u.unended AS weight
	  FROM job j CROSS JOIN LATERAL (SELECT greatest(j.unended, (j.attempt - j.failures) / $5::integer) AS unended) u
	 WHERE j.not_before <= now() AND NOT j.id = ANY ($1::bigint[]) AND u.unended < $3::integer AND (NOT j.reread OR $4::boolean)
	 ORDER BY j.priority, j.id LIMIT 2048) j
 WHERE busy.ids = '{}' OR coalesce((	-- some of the places that job_places looks at
	SELECT bool_or(NOT p.registry_id = ANY (busy.ids))
	  FROM ((SELECT r.registry_id FROM image_layer il JOIN repository_image ri ON ri.image_id = il.image_id AND ri.gone_at IS NULL
	           JOIN repository r ON r.id = ri.repository_id WHERE il.layer_id = j.layer_id LIMIT 256)
	        UNION ALL
	        (SELECT r.registry_id FROM repository_image ri JOIN repository r ON r.id = ri.repository_id
	          WHERE ri.image_id = j.image_id AND ri.gone_at IS NULL LIMIT 256)
	        UNION ALL
	        SELECT r.registry_id FROM repository r WHERE r.id = j.repository_id) p), true)
 ORDER BY j.priority, j.id
 LIMIT $2::integer;

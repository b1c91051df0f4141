-- job_ready: what may be dispatched now, push before back-fill.
-- $1 bigint[]  jobs in flight
-- $2 integer   at most
-- $3 integer   none that was started so often without an end
-- $4 boolean   those too that want a worker that reads as the farm does
-- $5 integer   so many starts that were no failures weigh as one without an end
-- returns  id, kind, target bytea, tag, attempt, hashes, layer_id, image_id, repository_id, priority, unended, asked,
--          repository, last_error, failures, reread
SELECT j.id, j.kind, coalesce(l.digest, i.digest), j.tag, j.attempt, j.hashes,
       j.layer_id, j.image_id, j.repository_id, j.priority, u.unended, j.asked, r.name, j.last_error, j.failures, j.reread
  FROM job j
 CROSS JOIN LATERAL (SELECT greatest(j.unended, (j.attempt - j.failures) / $5::integer) AS unended) u
  LEFT JOIN layer l ON l.id = j.layer_id
  LEFT JOIN image i ON i.id = j.image_id
  LEFT JOIN repository r ON r.id = j.repository_id
 WHERE j.not_before <= now() AND NOT j.id = ANY ($1::bigint[]) AND u.unended < $3::integer AND (NOT j.reread OR $4::boolean)
 ORDER BY j.priority, j.id
 LIMIT $2::integer;

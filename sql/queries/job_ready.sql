-- job_ready: what may be dispatched now, push before back-fill.
-- $1 bigint[]  jobs in flight
-- $2 integer   at most
-- returns  id, kind, target bytea, tag, attempt, hashes, layer_id, image_id, repository_id
SELECT j.id, j.kind, coalesce(l.digest, i.digest), j.tag, j.attempt, j.hashes,
       j.layer_id, j.image_id, j.repository_id, j.priority
  FROM job j
  LEFT JOIN layer l ON l.id = j.layer_id
  LEFT JOIN image i ON i.id = j.image_id
 WHERE j.not_before <= now() AND NOT j.id = ANY ($1::bigint[])
 ORDER BY j.priority, j.id
 LIMIT $2::integer;

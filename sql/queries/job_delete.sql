-- job_delete: the job is done.  What was asked for meanwhile (path hashes, the tag
-- once more) is a new job.
-- $1 bigint job, $2 boolean hashes were made (true for other jobs), $3 integer asked, as it was dispatched
WITH done AS (DELETE FROM job WHERE id = $1::bigint RETURNING *)
INSERT INTO job (kind, layer_id, image_id, repository_id, tag, hashes, priority)
SELECT kind, layer_id, image_id, repository_id, tag, hashes, priority
  FROM done WHERE (hashes AND NOT $2::boolean) OR asked <> $3::integer;

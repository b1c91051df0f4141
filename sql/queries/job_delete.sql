-- job_delete: the job is done, unless path hashes were asked for meanwhile.
-- $1 bigint job, $2 boolean hashes were made (true for other jobs)
DELETE FROM job WHERE id = $1::bigint AND (NOT hashes OR $2::boolean);

-- job_attempt: count an attempt before it starts, so that a job that kills
-- things stops after some tries.
-- $1 bigint[]  jobs
UPDATE job SET attempt = attempt + 1, unended = unended + 1 WHERE id = ANY ($1::bigint[]);

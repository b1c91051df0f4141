-- job_open: hold the row of a job that is about to end; no row: it has ended before.
-- $1 bigint job
SELECT 1 FROM job WHERE id = $1::bigint FOR UPDATE;

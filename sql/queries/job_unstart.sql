-- job_unstart: starts that are taken back: the coordinator stops in good order or
-- lost the database, or the worker has not come to them.
-- $1 bigint[]  jobs
UPDATE job SET unended = unended - 1 WHERE id = ANY ($1::bigint[]) AND unended > 0;

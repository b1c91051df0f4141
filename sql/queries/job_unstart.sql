-- job_unstart: the coordinator stops in good order: that is no fault of the jobs
-- under way.
-- $1 bigint[]  jobs
UPDATE job SET unended = unended - 1 WHERE id = ANY ($1::bigint[]) AND unended > 0;

-- job_lost: the worker was gone before the end; this start stays one without an end.
-- $1 bigint job, $2 integer seconds, $3 text reason
UPDATE job SET not_before = now() + make_interval(secs => $2::integer), last_error = $3 WHERE id = $1::bigint;

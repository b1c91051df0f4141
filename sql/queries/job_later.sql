-- job_later: it failed; try again later.
-- $1 bigint job, $2 integer seconds, $3 text reason
UPDATE job SET not_before = now() + make_interval(secs => $2::integer), last_error = $3, failures = failures + 1,
       unended = greatest(unended - 1, 0)
 WHERE id = $1::bigint;

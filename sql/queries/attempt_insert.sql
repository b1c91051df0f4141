-- attempt_insert: what became of an attempt that did not succeed.
-- $1 bigint job, $2 kind, $3 target, $4 integer attempt, $5 worker, $6 outcome, $7 reason
INSERT INTO attempt (job_id, kind, target, attempt, worker, outcome, reason)
VALUES ($1::bigint, $2, $3, $4::integer, $5, $6, $7);

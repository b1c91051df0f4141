-- job_wait_paused: a job whose registries are all paused waits as long as the first
-- of them; else jobs of a paused registry would stand before everybody else's.
-- $1 bigint job, $2 integer registry
UPDATE job SET not_before = g.paused_until FROM registry g
 WHERE job.id = $1::bigint AND g.id = $2::integer AND g.paused_until > now();

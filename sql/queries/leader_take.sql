-- leader_take: raise the epoch; the caller holds the lock.  An epoch of its own
-- that nobody else's followed is kept: only its session was lost.
-- $1 text  host:pid
-- $2 bigint  the epoch it led with, 0 = none
-- returns  epoch bigint
UPDATE leader SET epoch = epoch + (epoch <> $2 OR holder IS DISTINCT FROM $1)::integer, holder = $1, backend_pid = pg_backend_pid(), heartbeat_at = now()
 WHERE id = 1 RETURNING epoch;

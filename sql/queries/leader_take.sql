-- leader_take: raise the epoch; the caller holds the lock.
-- $1 text  host:pid
-- returns  epoch bigint
UPDATE leader SET epoch = epoch + 1, holder = $1, backend_pid = pg_backend_pid(), heartbeat_at = now()
 WHERE id = 1 RETURNING epoch;

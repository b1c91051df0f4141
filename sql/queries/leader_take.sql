-- leader_take: raise the epoch; the caller holds the lock.  An epoch of its own
-- that nobody else's followed is kept: only its session was lost.  Waits for fenced
-- transactions to end, which an update of these columns alone would not.
-- $1 text  host:pid
-- $2 bigint  the epoch it led with, 0 = none
-- returns  epoch bigint
WITH alone AS MATERIALIZED (SELECT id FROM leader WHERE id = 1 FOR UPDATE)
UPDATE leader l SET epoch = epoch + (epoch <> $2 OR holder IS DISTINCT FROM $1)::integer, holder = $1, backend_pid = pg_backend_pid(), heartbeat_at = now()
  FROM alone WHERE l.id = alone.id RETURNING epoch;

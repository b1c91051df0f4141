-- leader_try_lock: the session lock of the farm's one leader.
-- returns  boolean
SELECT pg_try_advisory_lock(7235419);

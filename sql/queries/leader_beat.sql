-- leader_beat: still here.  No row: somebody else leads.
-- $1 bigint  epoch
UPDATE leader SET heartbeat_at = now() WHERE id = 1 AND epoch = $1 RETURNING epoch;

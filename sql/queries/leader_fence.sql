-- leader_fence: inside a transaction, keep others from taking the lead while it is mine; the heartbeat goes on.
-- $1 bigint  epoch
SELECT 1 FROM leader WHERE id = 1 AND epoch = $1 FOR KEY SHARE;

-- leader_fence: inside a transaction, hold the leader row while it is mine.
-- $1 bigint  epoch
SELECT 1 FROM leader WHERE id = 1 AND epoch = $1 FOR SHARE;

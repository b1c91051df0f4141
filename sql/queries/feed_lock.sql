-- feed_lock: a feed that is there, held until the transaction ends.
-- $1 name
SELECT name FROM feed WHERE name = $1 AND removed_at IS NULL FOR UPDATE;

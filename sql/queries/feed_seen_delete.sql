-- feed_seen_delete: an import of the feed begins or ends.
-- $1 feed
DELETE FROM feed_seen WHERE feed = $1;

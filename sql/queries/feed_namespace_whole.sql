-- feed_namespace_whole: all of a feed came: whatever it speaks about it speaks for.
-- $1 feed
UPDATE feed_namespace SET whole = true WHERE feed = $1 AND NOT whole;

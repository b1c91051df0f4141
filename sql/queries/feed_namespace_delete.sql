-- feed_namespace_delete: a feed speaks about a namespace no more.
-- $1 feed, $2 namespace
DELETE FROM feed_namespace WHERE feed = $1 AND namespace = $2;

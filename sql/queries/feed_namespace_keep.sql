-- feed_namespace_keep: a feed speaks about these namespaces and no others.
-- $1 feed, $2 text[] namespaces
DELETE FROM feed_namespace WHERE feed = $1 AND NOT namespace = ANY ($2::text[]);

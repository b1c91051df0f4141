-- feed_namespace_unspoken: namespaces that a feed does not speak for, and about which it has nothing any more.
-- $1 feed
DELETE FROM feed_namespace n WHERE feed = $1 AND NOT whole
   AND NOT EXISTS (SELECT 1 FROM affected x JOIN advisory a ON a.id = x.advisory_id WHERE x.namespace = n.namespace AND a.feed = $1);

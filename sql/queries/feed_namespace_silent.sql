-- feed_namespace_silent: namespaces that no document of a feed speaks about any more.
-- $1 feed
-- returns  namespace
SELECT n.namespace FROM feed_namespace n
 WHERE n.feed = $1 AND NOT EXISTS (SELECT 1 FROM affected x JOIN advisory a ON a.id = x.advisory_id
                                    WHERE x.namespace = n.namespace AND a.feed = $1);

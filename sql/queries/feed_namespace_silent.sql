-- feed_namespace_silent: namespaces that no document of a feed speaks about any more.
-- $1 feed
-- returns  namespace, boolean the feed spoke for it
-- As a difference of two lists: one look-up for each namespace would read all rows of the large ones.
SELECT n.namespace, n.whole FROM feed_namespace n
  JOIN (SELECT namespace FROM feed_namespace WHERE feed = $1
        EXCEPT
        SELECT x.namespace FROM advisory a JOIN affected x ON x.advisory_id = a.id WHERE a.feed = $1) s USING (namespace)
 WHERE n.feed = $1;

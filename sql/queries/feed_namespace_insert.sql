-- feed_namespace_insert: namespaces that a feed speaks about.
-- $1 feed, $2 text[] namespaces
INSERT INTO feed_namespace (feed, namespace) SELECT $1, u FROM (SELECT DISTINCT unnest($2::text[]) u) x
 WHERE NOT EXISTS (SELECT 1 FROM feed_namespace f WHERE f.feed = $1 AND f.namespace = u)
ON CONFLICT DO NOTHING;

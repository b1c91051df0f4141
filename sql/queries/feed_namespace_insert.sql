-- feed_namespace_insert: namespaces that a feed speaks about.
-- $1 feed, $2 text[] namespaces
-- A feed of OSV's is whole for its own ecosystem; of others it has what happens to stand in the same documents.
INSERT INTO feed_namespace (feed, namespace) SELECT $1, u FROM (SELECT DISTINCT unnest($2::text[]) u) x
 WHERE NOT EXISTS (SELECT 1 FROM feed_namespace f WHERE f.feed = $1 AND f.namespace = u)
   AND ($1 NOT LIKE 'osv/%' OR split_part(u, ':', 1) = split_part(substr($1, 5), ':', 1))
ON CONFLICT DO NOTHING;

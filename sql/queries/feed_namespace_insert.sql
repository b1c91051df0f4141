-- feed_namespace_insert: namespaces that a feed speaks about.
-- $1 feed, $2 text[] namespaces, $3 boolean its source says so: of a feed that was whole once it counts
-- A feed of OSV's is whole for its own ecosystem; of others it has what happens to stand in the same documents.
INSERT INTO feed_namespace AS f (feed, namespace, whole)
SELECT $1, u, $3::boolean AND EXISTS (SELECT 1 FROM feed WHERE name = $1 AND imported_at IS NOT NULL)
  FROM (SELECT DISTINCT unnest($2::text[]) u) x
 WHERE NOT EXISTS (SELECT 1 FROM feed_namespace f WHERE f.feed = $1 AND f.namespace = u AND (f.whole OR NOT $3::boolean))
   AND ($1 NOT LIKE 'osv/%' OR split_part(u, ':', 1) = split_part(substr($1, 5), ':', 1))
ON CONFLICT (namespace, feed) DO UPDATE SET whole = true WHERE EXCLUDED.whole AND NOT f.whole;

-- feed_namespace_as_exported: what another farm says a feed speaks for, of what its documents cover here.
-- $1 feed, $2 text[] namespaces
UPDATE feed_namespace SET whole = namespace = ANY ($2::text[]) WHERE feed = $1 AND whole <> (namespace = ANY ($2::text[]));

-- feed: where advisories come from, and how old they are.
CREATE VIEW dashboard.feed AS
SELECT f.name, f.imported_at, extract(epoch FROM now() - f.imported_at)::bigint AS age_s, f.documents, f.changed,
       f.malformed, f.malformed_names, f.unmatched, f.missing, f.error,
       (SELECT count(*) FROM feed_namespace n WHERE n.feed = f.name) AS namespaces, f.origin, f.whole_at, f.version
  FROM feed f WHERE f.removed_at IS NULL;

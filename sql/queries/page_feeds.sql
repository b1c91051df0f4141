-- page_feeds: what is known.
SELECT name, documents, malformed, unmatched, namespaces, to_char(imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS imported, error
  FROM dashboard.feed ORDER BY name;

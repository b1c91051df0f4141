-- page_feeds: what is known.
SELECT name, documents, malformed, unmatched, missing, namespaces, to_char(imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS imported,
       (SELECT string_agg(present::text, ' ' ORDER BY at) FROM (SELECT present, at FROM feed_history h
         WHERE h.feed = f.name AND h.error = '' AND present IS NOT NULL ORDER BY at DESC LIMIT 5) x) AS sizes, error
  FROM dashboard.feed f ORDER BY name;

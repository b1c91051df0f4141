-- page_feeds: what is known.
SELECT name, documents, malformed, unmatched, to_char(imported_at, 'YYYY-MM-DD HH24:MI:SS') AS imported FROM dashboard.feed ORDER BY name;

-- api_feeds: what is known, and how fresh.
SELECT coalesce(json_agg(json_build_object('name', name, 'documents', documents, 'malformed', malformed, 'unmatched', unmatched,
       'changed', changed, 'missing', missing, 'error', error, 'imported_at', imported_at, 'malformed_names', malformed_names) ORDER BY name), '[]')::text FROM feed;

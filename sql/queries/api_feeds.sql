-- api_feeds: what is known, how fresh, and where the next update may go on.
SELECT coalesce(json_agg(json_build_object('name', name, 'documents', documents, 'malformed', malformed, 'unmatched', unmatched,
       'changed', changed, 'missing', missing, 'error', error, 'imported_at', imported_at, 'malformed_names', malformed_names,
       'age_s', extract(epoch FROM now() - imported_at)::bigint, 'origin', origin, 'etag', etag, 'last_modified', last_modified,
       'watermark', watermark, 'whole_age_s', extract(epoch FROM now() - whole_at)::bigint, 'reader', reader, 'version', version,
       'sizes', (SELECT json_agg(present ORDER BY at) FROM (SELECT present, at FROM feed_history h
                  WHERE h.feed = f.name AND h.error = '' AND present IS NOT NULL ORDER BY at DESC LIMIT 5) x)) ORDER BY name), '[]')::text FROM feed f WHERE removed_at IS NULL;

-- feed_done: an import ended whole.
-- $1 name, $2 bigint documents, $3 bigint malformed, $4 text[] their names, $5 bigint changed
UPDATE feed SET imported_at = now(), documents = $2::bigint, malformed = $3::bigint, malformed_names = $4::text[],
       changed = $5::bigint,
       unmatched = (SELECT count(*) FROM advisory a WHERE a.feed = $1 AND a.unmatched_entries > 0
                       AND NOT EXISTS (SELECT 1 FROM affected x WHERE x.advisory_id = a.id))
 WHERE name = $1;

-- feed_as_exported: what another farm says of a feed that was taken from it: as old as it is there.  Where it came from
-- before says nothing of what it holds now.  One that was never whole and has nothing was taken out there.
-- $1 name, $2 timestamptz of its last whole import there, null = none
UPDATE feed SET imported_at = CASE WHEN $2::timestamptz IS NOT NULL THEN least($2::timestamptz, now()) END, whole_at = CASE WHEN $2::timestamptz IS NOT NULL THEN whole_at END,
       removed_at = CASE WHEN $2::timestamptz IS NULL AND NOT EXISTS (SELECT 1 FROM advisory a WHERE a.feed = $1 AND a.gone_at IS NULL) THEN now() END,
       origin = '', etag = '', last_modified = '', watermark = '' WHERE name = $1;

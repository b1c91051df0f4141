-- feed_as_exported: what another farm says of a feed that was taken from it: as old as it is there.  Where it came from
-- before says nothing of what it holds now.
-- $1 name, $2 timestamptz of its last whole import there, null = none
UPDATE feed SET imported_at = least($2::timestamptz, now()), whole_at = CASE WHEN $2::timestamptz IS NOT NULL THEN whole_at END, origin = '', etag = '', last_modified = '', watermark = '' WHERE name = $1;

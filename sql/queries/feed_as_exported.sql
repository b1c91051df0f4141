-- feed_as_exported: what another farm says of a feed that was taken from it: as old as it is there.
-- $1 name, $2 timestamptz of its last whole import there, null = none
UPDATE feed SET imported_at = least($2::timestamptz, now()) WHERE name = $1;

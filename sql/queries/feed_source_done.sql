-- feed_source_done: an export was imported whole.
-- $1 uuid of the farm it is of, $2 bigint revision
UPDATE feed_source SET revision = $2::bigint, imported_at = now() WHERE farm = $1::uuid;

-- feed_unchanged: its source has nothing new: it is as young as that.
-- $1 feed, $2 URL, $3 ETag, $4 Last-Modified of what was asked for and has not changed
-- returns  the feed, unless something else was imported meanwhile
UPDATE feed SET imported_at = now() WHERE name = $1 AND origin = $2 AND etag = $3 AND last_modified = $4
RETURNING json_build_object('name', name)::text;

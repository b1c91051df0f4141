-- feed_remove: a feed whose documents all went is none any more.
-- $1 name
WITH log AS (INSERT INTO audit (actor, action, detail) VALUES ('admin', 'feed remove', $1))
UPDATE feed SET removed_at = now(), imported_at = NULL, whole_at = NULL, origin = '', etag = '', last_modified = '', watermark = '', version = '', missing = 0
 WHERE name = $1;

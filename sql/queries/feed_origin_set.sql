-- feed_origin_set: before feed_done: where the file came from, as whoever brought it says.
-- $1 feed, $2 boolean the file is the whole feed, $3 bigint documents missing but held back, $4 URL or '', $5 ETag,
-- $6 Last-Modified, $7 watermark, $8 integer revision of the importer
-- What was held back has no origin: it must come again.  An addition by hand, or to what was never whole, changes nothing
-- here.  A feed without a watermark has its youngest document's time, one of the future aside.
UPDATE feed SET origin = CASE WHEN $3::bigint = 0 THEN $4 ELSE '' END, etag = CASE WHEN $3::bigint = 0 THEN $5 ELSE '' END,
       last_modified = CASE WHEN $3::bigint = 0 THEN $6 ELSE '' END,
       watermark = CASE WHEN $3::bigint > 0 OR $4 = '' THEN '' WHEN $7 <> '' THEN $7 ELSE
                     coalesce((SELECT max(left(a.modified, 19)) FROM advisory a WHERE a.feed = $1 AND a.gone_at IS NULL
                                  AND a.modified ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}'
                                  AND left(a.modified, 19) COLLATE "C" <= to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')), '') END,
       whole_at = CASE WHEN $2::boolean AND $3::bigint = 0 THEN now() ELSE whole_at END,
       reader = CASE WHEN $2::boolean AND $3::bigint = 0 THEN $8::integer ELSE reader END,
       imported_at = CASE WHEN $3::bigint = 0 AND $4 <> '' THEN now() ELSE imported_at END
 WHERE name = $1 AND ($2::boolean OR ($4 <> '' AND imported_at IS NOT NULL));

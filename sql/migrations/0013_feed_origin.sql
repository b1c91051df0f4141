-- 0012_feed_origin: where a feed came from, so that whoever updates it next can ask
-- for what changed since; and how its size went.
ALTER TABLE feed ADD COLUMN origin text NOT NULL DEFAULT '',	-- URL of what changes when the feed does; '' = brought by hand
	ADD COLUMN etag text NOT NULL DEFAULT '',		-- its own, as last taken
	ADD COLUMN last_modified text NOT NULL DEFAULT '',
	ADD COLUMN watermark text NOT NULL DEFAULT '',		-- everything older is here; in the source's own form
	ADD COLUMN whole_at timestamptz,			-- the last whole import that counts
	ADD COLUMN reader integer NOT NULL DEFAULT 0;		-- revision of the importer that made it
ALTER TABLE feed_history ADD COLUMN present integer,		-- documents present after it
	ADD COLUMN error text NOT NULL DEFAULT '';		-- it failed, and changed nothing

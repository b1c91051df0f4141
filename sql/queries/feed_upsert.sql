-- feed_upsert: the row of a feed; held until the import ends, so that two
-- imports of one feed follow each other.  It holds the import's number.
-- $1 name
INSERT INTO feed (name, import) VALUES ($1, nextval('feed_import')) ON CONFLICT (name) DO UPDATE SET error = '', import = EXCLUDED.import, removed_at = NULL;

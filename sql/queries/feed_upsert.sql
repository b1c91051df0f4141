-- feed_upsert: the row of a feed; held until the import ends, so that two
-- imports of one feed follow each other.
-- $1 name
INSERT INTO feed (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET error = '';

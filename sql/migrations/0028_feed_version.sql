-- 0028_feed_version: what a feed says of the state of its data.
ALTER TABLE feed ADD COLUMN version text NOT NULL DEFAULT '';

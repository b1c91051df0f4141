-- 0027_feed_removed: a feed that was taken out; its row stays for the history of its
-- documents, and is a feed again with the next import.
ALTER TABLE feed ADD COLUMN removed_at timestamptz;

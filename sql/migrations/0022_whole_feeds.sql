-- 0022_whole_feeds: a document that was added to a feed does not make that feed one
-- that knows a namespace.  Which do is noted by whole imports, and by updates of
-- feeds that were whole.
ALTER TABLE feed_namespace ADD COLUMN whole boolean NOT NULL DEFAULT false;
UPDATE feed_namespace n SET whole = true FROM feed f WHERE f.name = n.feed AND f.imported_at IS NOT NULL;

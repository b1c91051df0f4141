-- feed_history: every import of every feed.
CREATE VIEW dashboard.feed_history AS
SELECT feed, at, whole, documents, changed, gone, missing, malformed, present, error FROM feed_history;

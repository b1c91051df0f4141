-- feed_failed: an import of the feed failed; what it has stays.
-- $1 feed, $2 why
WITH h AS (INSERT INTO feed_history (feed, whole, documents, changed, gone, missing, malformed, present, error)
           SELECT name, false, 0, 0, 0, 0, 0, documents, $2 FROM feed WHERE name = $1)
UPDATE feed SET error = $2 WHERE name = $1;

-- 0023_first_match: what a feed brought for a namespace was matched once.  Before
-- that the namespace is as good as never looked at, though nothing is found there;
-- what comes later changes findings, and no more.
ALTER TABLE feed_namespace ADD COLUMN matched boolean NOT NULL DEFAULT false;
UPDATE feed_namespace n SET matched = true
 WHERE whole AND (EXISTS (SELECT 1 FROM coverage c WHERE c.namespace = n.namespace AND c.has_feed)
               OR NOT EXISTS (SELECT 1 FROM advisory a WHERE a.feed = n.feed AND a.changed));
CREATE INDEX feed_namespace_unmatched ON feed_namespace (namespace) WHERE whole AND NOT matched;

CREATE VIEW namespace_waiting AS	-- a feed speaks for it, but none whose documents were matched
SELECT DISTINCT n.namespace FROM feed_namespace n
 WHERE n.whole AND NOT n.matched
   AND NOT EXISTS (SELECT 1 FROM feed_namespace m WHERE m.namespace = n.namespace AND m.matched);

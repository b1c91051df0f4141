-- feed_namespaces_matched: nothing of these feeds waits any more: what they say of their namespaces is known.
UPDATE feed_namespace n SET matched = true
 WHERE n.whole AND NOT n.matched AND NOT EXISTS (SELECT 1 FROM advisory a WHERE a.feed = n.feed AND a.changed);

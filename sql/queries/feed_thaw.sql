-- feed_thaw: a feed speaks of namespaces again; what was kept of them since it did not is withdrawn.
-- $1 feed
WITH f AS MATERIALIZED (SELECT z.feed FROM feed_namespace z JOIN feed_namespace n ON n.namespace = z.namespace AND n.feed = $1 AND n.whole
                         WHERE starts_with(z.feed, 'frozen/' || $1 || ' ')),
     gone AS (UPDATE advisory SET gone_at = now(), changed = true, unmatched_entries = 0, import = (SELECT import FROM feed WHERE name = $1)
               WHERE feed IN (SELECT feed FROM f) AND gone_at IS NULL RETURNING id),
     none AS (UPDATE feed SET documents = 0, removed_at = now(), imported_at = NULL WHERE name IN (SELECT feed FROM f)),
     ranges AS (DELETE FROM affected WHERE advisory_id IN (SELECT id FROM gone))
DELETE FROM feed_namespace WHERE feed IN (SELECT feed FROM f);

-- advisories_gone: documents that a whole import lacks say nothing any more.
-- $1 feed
WITH gone AS (UPDATE advisory a SET gone_at = now(), changed = true, unmatched_entries = 0, import = (SELECT import FROM feed WHERE name = $1)
               WHERE a.feed = $1 AND a.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM feed_seen s WHERE s.feed = $1 AND s.name = a.name)
              RETURNING id)
DELETE FROM affected WHERE advisory_id IN (SELECT id FROM gone);

-- advisories_gone_named: documents that went where a feed is kept.
-- $1 feed, $2 text[] names
-- returns  the ids of those that were here
WITH gone AS (UPDATE advisory a SET gone_at = now(), changed = true, unmatched_entries = 0, import = (SELECT import FROM feed WHERE name = $1)
               WHERE a.feed = $1 AND a.gone_at IS NULL AND a.name = ANY ($2::text[]) RETURNING id),
     old AS (DELETE FROM affected WHERE advisory_id IN (SELECT id FROM gone))
SELECT id FROM gone;

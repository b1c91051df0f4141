-- feed_missing: after a whole import, what it lacks.
-- $1 feed
-- returns  documents known and not in it, documents known before it, boolean all of the feed came before
SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM feed_seen s WHERE s.feed = $1 AND s.name = a.name)),
       (SELECT documents FROM feed WHERE name = $1), (SELECT imported_at IS NOT NULL FROM feed WHERE name = $1)
  FROM advisory a WHERE a.feed = $1 AND a.gone_at IS NULL;

-- kev_missing: after an import, what the file lacks.
-- $1 feed
-- returns  entries known and not in it, entries known before it
SELECT count(*) FILTER (WHERE s.name IS NULL), (SELECT documents FROM feed WHERE name = $1)
  FROM kev t LEFT JOIN (SELECT DISTINCT name FROM feed_seen WHERE feed = $1) s ON s.name = t.cve;

-- epss_missing: after an import, what the file lacks.
-- $1 feed
-- returns  scores known and not in it, scores known before it
SELECT count(*) FILTER (WHERE s.name IS NULL), (SELECT documents FROM feed WHERE name = $1)
  FROM epss t LEFT JOIN (SELECT DISTINCT name FROM feed_seen WHERE feed = $1) s ON s.name = t.cve;

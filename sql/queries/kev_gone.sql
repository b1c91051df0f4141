-- kev_gone: what the file lacks is withdrawn.
-- $1 feed
WITH gone AS (DELETE FROM kev t WHERE NOT EXISTS (SELECT 1 FROM feed_seen s WHERE s.feed = $1 AND s.name = t.cve) RETURNING cve)
INSERT INTO kev_due SELECT cve FROM gone;

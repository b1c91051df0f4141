-- queue: open work by step, in the order a push passes through them.
CREATE VIEW dashboard.queue AS
SELECT 1 AS step, 'event' AS kind, 'push' AS priority, count(*) AS waiting, 0::bigint AS delayed, 0::bigint AS tried_before,
       min(received_at) AS oldest_at
  FROM inbox WHERE processed_at IS NULL
UNION ALL
SELECT CASE j.kind WHEN 'resolve' THEN 2 ELSE 3 END, j.kind, CASE WHEN j.priority < 10 THEN 'push' WHEN j.priority < 20 THEN 'back-fill' ELSE 're-read' END,
       count(*), count(*) FILTER (WHERE j.not_before > now()), count(*) FILTER (WHERE j.last_error <> ''), min(j.created_at)
  FROM job j GROUP BY 1, 2, 3
UNION ALL
SELECT 4, 'apply', 'push', count(*), 0, 0, min(pushed_at) FROM image WHERE dirty
UNION ALL
SELECT 5, 'match', 'push', count(*), 0, 0, NULL FROM package WHERE NOT matched
UNION ALL
SELECT 6, 'advisory', 'push', count(*), 0, 0, min(imported_at) FROM advisory WHERE changed
UNION ALL
SELECT 7, 'reread', 're-read',	-- two ranges of an index: mostly there are none
       (SELECT count(*) FROM layer WHERE state IN ('done', 'incomplete') AND analyzer_set_id < g.id) +
       (SELECT count(*) FROM layer WHERE state IN ('done', 'incomplete') AND analyzer_set_id > g.id), 0, 0, NULL
  FROM (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1) g;

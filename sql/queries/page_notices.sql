-- page_notices: what an operator should look at, worst first.
-- $1 json of farm_counts
SELECT text FROM (
	SELECT 1 AS rank, 'No coordinator leads: nothing is dispatched, polled or matched.' AS text
	  FROM leader WHERE holder IS NULL OR heartbeat_at < now() - interval '30 s'
	UNION ALL SELECT 2, 'No worker is connected: nothing can be read. Start scanfarm-worker, or scanfarm up --workers N.'
	 WHERE NOT EXISTS (SELECT 1 FROM dashboard.worker WHERE connected)
	UNION ALL SELECT 3, 'No advisories are imported, so every verdict is unknown: scanfarm feed update Debian npm, or scanfarm feed import DIR.'
	 WHERE NOT EXISTS (SELECT 1 FROM feed WHERE imported_at IS NOT NULL)
	UNION ALL SELECT 4, 'Feed ' || name || ' failed last time: ' || error FROM feed WHERE error <> ''
	UNION ALL SELECT 5, 'Feed ' || name || ' is ' || age_s / 86400 || ' days old: scanfarm feed update.' FROM dashboard.feed WHERE age_s > 7 * 86400
	UNION ALL SELECT 6, 'Registry ' || name || ' cannot be read: ' || last_poll_error || '. Ask again: scanfarm registry check ' || name
	  FROM registry WHERE removed_at IS NULL AND last_poll_error <> ''
	UNION ALL SELECT 6, 'Target ' || name || ' was not told of ' || waiting || ' changes: ' || last_error FROM dashboard.notify_target WHERE failures > 2
	UNION ALL SELECT 7, n || ' images cannot be read; their verdict is unknown, their pages say why.' FROM (SELECT ($1::json ->> 'images_failed')::bigint AS n) x WHERE n > 0
	UNION ALL SELECT 7, count(*) || ' tags: their registry does not say where they point.' FROM dashboard.unresolved HAVING count(*) > 0
	UNION ALL SELECT 7, count(*) || ' layers could not be read again: what is known of them is of older analyzers.' FROM layer
	 WHERE reread_error <> '' HAVING count(*) > 0
	UNION ALL SELECT 8, 'The matcher has ' || n || ' changes to look at: counts and verdicts lag behind.'
	  FROM (SELECT (SELECT count(*) FROM package WHERE NOT matched) + (SELECT count(*) FROM advisory WHERE changed) AS n) x WHERE n > 0) x
 ORDER BY rank, text LIMIT 20;

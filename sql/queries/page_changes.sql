-- page_changes: the last changes of verdicts.
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at, reference, digest, old, new, replace(cause, '_', ' ') AS cause, because
  FROM dashboard.verdict_change ORDER BY at DESC, reference LIMIT 20;

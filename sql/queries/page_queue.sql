-- page_queue: open work by step.
SELECT kind, priority, waiting, delayed, tried_before, to_char(oldest_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS oldest
  FROM dashboard.queue WHERE waiting > 0 ORDER BY step, priority DESC;

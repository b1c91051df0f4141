-- page_changes: the last changes of verdicts; of those of one moment, which may be very many, any.
SELECT to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at, reference, digest, old, new, replace(cause, '_', ' ') AS cause, because
  FROM dashboard.verdict_change c ORDER BY c.at DESC LIMIT 20;

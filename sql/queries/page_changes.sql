-- page_changes: the last changes of verdicts.
SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS') AS at, reference AS image, old, new, cause, because
  FROM dashboard.verdict_change ORDER BY at DESC LIMIT 20;

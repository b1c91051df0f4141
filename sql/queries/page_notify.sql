-- page_notify: who is told of changed verdicts.
SELECT name, origin, waiting, CASE WHEN failures > 0 THEN last_error WHEN last_delivery_at IS NULL THEN 'nothing told yet' ELSE 'ok' END AS state,
       to_char(last_delivery_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS told
  FROM dashboard.notify_target ORDER BY name;

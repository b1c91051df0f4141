-- page_workers: who reads layers.
SELECT name, CASE WHEN connected THEN 'connected' ELSE 'away' END AS state, slots, in_flight, jobs_done, pg_size_pretty(bytes_read) AS read,
       to_char(last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS seen
  FROM dashboard.worker WHERE last_seen > now() - interval '1 day' ORDER BY connected DESC, name LIMIT 200;

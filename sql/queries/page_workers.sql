-- page_workers: who is connected.
SELECT name, slots, in_flight AS "in flight", jobs_done AS "jobs done", pg_size_pretty(bytes_read) AS read FROM dashboard.worker WHERE connected ORDER BY name;

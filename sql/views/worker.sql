-- worker: who reads layers.
CREATE VIEW dashboard.worker AS
SELECT name, version, slots, in_flight, jobs_done, bytes_read, first_seen, last_seen,
       last_seen > now() - interval '20 s' AS connected,
       analyzer_set_id <> (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1) AS outdated
  FROM worker;

-- worker: who reads layers.
CREATE VIEW dashboard.worker AS
SELECT name, version, slots, in_flight, jobs_done, bytes_read, first_seen, last_seen,
       last_seen > now() - interval '20 s' AS connected
  FROM worker;

-- leader_end_stalled: end the session of a leader that does not beat any more.
-- $1 integer  seconds without a heartbeat
SELECT pg_terminate_backend(backend_pid, 2000) FROM leader
 WHERE id = 1 AND backend_pid <> 0 AND heartbeat_at < now() - make_interval(secs => $1::integer)
   AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = backend_pid AND application_name = 'scanfarm leader');

-- worker_upsert: what the dashboard shows of a worker.
-- $1 name, $2 version, $3 integer slots, $4 integer in flight, $5 bigint jobs done since, $6 bigint bytes since,
-- $7 integer the set of analyzers that it reads by
INSERT INTO worker (name, version, slots, in_flight, jobs_done, bytes_read, analyzer_set_id)
VALUES ($1, $2, $3::integer, $4::integer, $5::bigint, $6::bigint, $7::integer)
ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, slots = EXCLUDED.slots, in_flight = EXCLUDED.in_flight,
       jobs_done = worker.jobs_done + EXCLUDED.jobs_done, bytes_read = worker.bytes_read + EXCLUDED.bytes_read,
       analyzer_set_id = EXCLUDED.analyzer_set_id, last_seen = now();

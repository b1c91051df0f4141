-- inbox_sweep: events and failed tries are kept some days, for questions about them.
-- $1 integer  rows of each kind at once
WITH i AS (DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE processed_at < kept_since('events') LIMIT $1::integer)),
     e AS (DELETE FROM inbox_event WHERE key IN (SELECT key FROM inbox_event WHERE received_at < kept_since('events') LIMIT $1::integer))
DELETE FROM attempt WHERE ctid IN (SELECT ctid FROM attempt WHERE at < kept_since('events') LIMIT $1::integer);

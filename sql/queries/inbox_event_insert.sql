-- inbox_event_insert: an event with an id is worked in now; no row: it was before.
-- $1 bytea key
INSERT INTO inbox_event (key) VALUES ($1::bytea) ON CONFLICT DO NOTHING RETURNING 1;

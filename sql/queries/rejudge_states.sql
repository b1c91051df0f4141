-- rejudge_states: states are to be judged again; those that wait already keep their cause.
-- $1 bigint[] states, $2 text[] causes, $3 text[] references
INSERT INTO rejudge (image_state_id, cause, reference) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
ON CONFLICT (image_state_id) DO NOTHING;

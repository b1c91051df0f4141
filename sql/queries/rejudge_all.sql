-- rejudge_all: every state is to be judged again.
-- $1 cause, $2 reference
INSERT INTO rejudge (image_state_id, cause, reference) SELECT id, $1, $2 FROM image_state WHERE matched ORDER BY id
ON CONFLICT (image_state_id) DO NOTHING;

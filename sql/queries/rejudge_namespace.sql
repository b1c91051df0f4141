-- rejudge_namespace: states with packages of a namespace are to be judged again.
-- $1 namespace, $2 cause, $3 reference
INSERT INTO rejudge (image_state_id, cause, reference)
SELECT id, $2, $3 FROM image_state WHERE matched AND $1 = ANY (namespaces) ORDER BY id
ON CONFLICT (image_state_id) DO NOTHING;

-- reapply_put: something else was found in a layer than before: its images are applied again, some at a time.
-- $1 bigint layer
INSERT INTO reapply (layer_id, image_id) VALUES ($1::bigint, 0) ON CONFLICT (layer_id) DO UPDATE SET image_id = 0;

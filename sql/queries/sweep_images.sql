-- sweep_images: images that are nowhere any more lose what they are made of.  The row stays: what had them is history,
-- and who pushes one again finds it unresolved.
-- $1 bigint[] images, locked before
-- returns  how many
WITH e AS MATERIALIZED (SELECT i.id FROM image i WHERE i.id = ANY ($1::bigint[])
              AND NOT EXISTS (SELECT 1 FROM repository_image ri WHERE ri.image_id = i.id)
              AND NOT EXISTS (SELECT 1 FROM index_child x WHERE x.child_id = i.id AND x.index_id <> i.id)
              AND NOT EXISTS (SELECT 1 FROM job j WHERE j.image_id = i.id)),
     s AS (DELETE FROM image_set WHERE image_id IN (SELECT id FROM e)),
     l AS (DELETE FROM image_layer WHERE image_id IN (SELECT id FROM e)),
     c AS (DELETE FROM index_child WHERE index_id IN (SELECT id FROM e)),
     h AS (DELETE FROM image_state_history WHERE image_id IN (SELECT id FROM e)),
     u AS (UPDATE image SET kind = 'unresolved', state = 'new', reason = '', dirty = false, reread = false, image_state_id = NULL, chain = NULL,
                  config_digest = NULL, pushed_at = NULL, judged_at = NULL WHERE id IN (SELECT id FROM e) RETURNING 1)
SELECT count(*) FROM u;

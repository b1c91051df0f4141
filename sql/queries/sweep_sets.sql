-- sweep_sets: some package sets, of which those that nothing has go; as sweep_states.
-- $1 bigint the last one looked at, $2 integer how many to look at
-- returns  the last one looked at, null = there are no more; how many went
WITH w AS MATERIALIZED (SELECT id FROM package_set WHERE id > $1::bigint ORDER BY id LIMIT $2::integer),
     e AS MATERIALIZED (SELECT id FROM w WHERE NOT EXISTS (SELECT 1 FROM image_set x WHERE x.set_id = w.id)
              AND NOT EXISTS (SELECT 1 FROM repository_set x WHERE x.set_id = w.id)
              AND NOT EXISTS (SELECT 1 FROM image_state x WHERE x.sets @> ARRAY[w.id])),
     m AS (DELETE FROM set_summary WHERE set_id IN (SELECT id FROM e)),
     s AS (DELETE FROM package_set WHERE id IN (SELECT id FROM e) RETURNING 1)
SELECT (SELECT max(id) FROM w), (SELECT count(*) FROM s);

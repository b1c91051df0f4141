-- sweep_packages: some packages, of which those in no set go, with what was found of them; as sweep_states.
-- $1 bigint the last one looked at, $2 integer how many to look at
-- returns  the last one looked at, null = there are no more; how many went
WITH w AS MATERIALIZED (SELECT id FROM package WHERE id > $1::bigint ORDER BY id LIMIT $2::integer),
     e AS MATERIALIZED (SELECT id FROM w WHERE NOT EXISTS (SELECT 1 FROM package_set x WHERE x.packages @> ARRAY[w.id])),
     f AS (DELETE FROM finding WHERE package_id IN (SELECT id FROM e)),
     m AS (DELETE FROM match WHERE package_id IN (SELECT id FROM e)),
     k AS (DELETE FROM package_key WHERE package_id IN (SELECT id FROM e)),
     p AS (DELETE FROM package WHERE id IN (SELECT id FROM e) RETURNING 1)
SELECT (SELECT max(id) FROM w), (SELECT count(*) FROM p);

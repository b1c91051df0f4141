-- states_of_sets: image states that hold any of the sets.
-- $1 bigint[] sets
SELECT id FROM image_state WHERE sets && $1::bigint[]::integer[];

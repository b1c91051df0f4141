-- states_unmatched: states without a verdict whose sets are counted.
-- $1 integer at most
SELECT s.id FROM image_state s
 WHERE NOT s.matched
   AND NOT EXISTS (SELECT 1 FROM package_set ps WHERE ps.id = ANY (s.sets) AND NOT ps.matched)
 ORDER BY s.id LIMIT $1::integer;

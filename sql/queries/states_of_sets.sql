-- states_of_sets: image states that hold any of the sets.
-- $1 bigint[] sets
-- Not those without a verdict, nor those that lack advisories while some wait to
-- be matched: both are judged after the last batch (states_unmatched,
-- states_newly_covered).
SELECT s.id FROM image_state s
 WHERE s.sets && $1::bigint[]::integer[] AND s.matched
   AND NOT EXISTS (SELECT 1 FROM verdict v
                    WHERE v.image_state_id = s.id AND v.verdict = 'unknown'
                      AND EXISTS (SELECT 1 FROM unnest(v.reasons) r WHERE r LIKE '%advisories%')
                      AND EXISTS (SELECT 1 FROM advisory WHERE changed));

-- set_flips: does a set hold what the policy refuses?  Of these sets; all for null.
-- $1 bigint[] sets or null
-- returns  sets for which the answer is another now
UPDATE set_summary ss SET fails = NOT ss.fails FROM policy p
 WHERE p.scope = '' AND ($1::bigint[] IS NULL OR ss.set_id = ANY ($1::bigint[])) AND ss.fails <> set_fails(ss, p)
RETURNING ss.set_id;

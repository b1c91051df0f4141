-- policy_judged: everything from now on is judged by this.
-- $1 bigint[] does each cell fail (1, 0), $2 integer max_feed_age_s, $3 bigint set_summary.kev from which a set fails, 0 = never
UPDATE policy SET fails = ARRAY(SELECT u = 1 FROM unnest($1::bigint[]) WITH ORDINALITY x(u, n) ORDER BY n),
       judged_feed_age_s = $2::integer, judged_kev = $3::bigint WHERE scope = '';

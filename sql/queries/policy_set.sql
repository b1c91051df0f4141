-- policy_set: another policy; null = as it is.  The matcher sees it and judges every image again.
-- $1 smallint fail_on, $2 boolean only_fixed, $3 boolean fail_on_kev, $4 integer max_feed_age_s
WITH log AS (INSERT INTO audit (actor, action, detail)
             SELECT 'admin', 'policy set', concat_ws(', ', 'fail_on ' || $1, 'only_fixed ' || $2, 'fail_on_kev ' || $3, 'max_feed_age_s ' || $4))
UPDATE policy SET fail_on = coalesce($1::smallint, fail_on), only_fixed = coalesce($2::boolean, only_fixed),
       fail_on_kev = coalesce($3::boolean, fail_on_kev), max_feed_age_s = coalesce($4::integer, max_feed_age_s)
 WHERE scope = '';

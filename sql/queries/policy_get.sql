-- policy_get: what the whole farm is judged by, and what was judged by last.
SELECT fail_on, only_fixed, max_feed_age_s, array_to_string(fails, ''), coalesce(judged_feed_age_s, -1), fail_on_kev, judged_kev FROM policy WHERE scope = '';

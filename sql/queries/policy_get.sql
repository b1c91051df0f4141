-- policy_get: what the whole farm is judged by.
SELECT fail_on, only_fixed, max_feed_age_s FROM policy WHERE scope = '';

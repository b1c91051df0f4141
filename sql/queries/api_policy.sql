-- api_policy: what verdicts of the farm are made by.
SELECT json_build_object('fail_on', (ARRAY['unknown','negligible','low','medium','high','critical'])[fail_on + 1], 'only_fixed', only_fixed,
       'fail_on_kev', fail_on_kev, 'max_feed_age_s', max_feed_age_s)::text FROM policy WHERE scope = '';

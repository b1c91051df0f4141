-- audit_waiting: what the matcher has not done yet; derived rows may differ for that reason.
SELECT concat_ws(', ',
       CASE WHEN EXISTS (SELECT 1 FROM package WHERE NOT matched) THEN 'packages' END,
       CASE WHEN EXISTS (SELECT 1 FROM advisory WHERE changed) THEN 'advisories' END,
       CASE WHEN EXISTS (SELECT 1 FROM set_due) THEN 'sets' END,
       CASE WHEN EXISTS (SELECT 1 FROM image_state WHERE NOT matched) THEN 'states' END,
       CASE WHEN EXISTS (SELECT 1 FROM kev_due) OR EXISTS (SELECT 1 FROM kev_set_due) THEN 'exploited' END,
       CASE WHEN EXISTS (SELECT 1 FROM rejudge) THEN 'verdicts' END,
       CASE WHEN EXISTS (SELECT 1 FROM repository_due) THEN 'repositories' END);

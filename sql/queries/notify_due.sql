-- notify_due: the target to be told next: those that answered last time first, then whom nobody tried for longest.
-- While verdicts are queued, all of a storm, what happened within a minute is told together.
-- returns  target, name, url, secret file, boolean insecure, boolean everything, bigint delivered
SELECT t.id, t.name, t.url, t.secret_file, t.insecure, t.everything, t.delivered
  FROM notify_target t
 CROSS JOIN LATERAL (SELECT n.at FROM notification n WHERE n.id > t.delivered ORDER BY n.id LIMIT 1) first
 WHERE t.removed_at IS NULL AND t.not_before <= now()
   AND (first.at < now() - interval '1 min' OR NOT EXISTS (SELECT 1 FROM rejudge))
 ORDER BY t.failures > 0, t.last_try_at NULLS FIRST, t.id LIMIT 1;

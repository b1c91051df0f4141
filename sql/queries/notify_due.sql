-- notify_due: the target to be told next: those that answered last time first, then whom nobody tried for longest.
-- returns  target, name, url, secret file, boolean insecure, boolean everything, bigint delivered
SELECT t.id, t.name, t.url, t.secret_file, t.insecure, t.everything, t.delivered
  FROM notify_target t
 WHERE t.removed_at IS NULL AND t.not_before <= now() AND EXISTS (SELECT 1 FROM notification n WHERE n.id > t.delivered)
 ORDER BY t.failures > 0, t.last_try_at NULLS FIRST, t.id LIMIT 1;

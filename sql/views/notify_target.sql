-- notify_target: who is told of changed verdicts, and what still waits for them.
CREATE VIEW dashboard.notify_target AS
SELECT t.name, t.origin, t.everything, t.secret_file <> '' AS signed, w.waiting, w.oldest_at, t.failures,
       CASE WHEN t.failures > 0 THEN t.not_before END AS next_try_at, t.last_error, t.last_delivery_at, t.created_at
  FROM notify_target t
 CROSS JOIN LATERAL (SELECT count(*) AS waiting, min(at) AS oldest_at FROM notification n WHERE n.id > t.delivered) w
 WHERE t.removed_at IS NULL;

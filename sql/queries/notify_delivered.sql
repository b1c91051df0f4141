-- notify_delivered: a target has all notifications up to one.
-- $1 bigint target, $2 bigint the last of them, $3 boolean it was told, not only passed over
UPDATE notify_target SET delivered = greatest(delivered, $2::bigint), failures = CASE WHEN $3::boolean THEN 0 ELSE failures END,
       last_error = CASE WHEN $3::boolean THEN '' ELSE last_error END, last_try_at = now(),
       last_delivery_at = CASE WHEN $3::boolean THEN now() ELSE last_delivery_at END
 WHERE id = $1::bigint;

-- registry_polled: a pass ended.
-- $1 integer registry, $2 text error ('' = whole), $3 integer seconds to pause (0 = none)
UPDATE registry SET last_poll_at = now(), last_poll_error = $2,
       next_poll_at = now() + make_interval(secs => CASE WHEN $2 = '' THEN poll_interval_s ELSE least(poll_interval_s, 60) END),
       paused_until = CASE WHEN $3::integer > 0 THEN greatest(paused_until, now() + make_interval(secs => $3::integer)) ELSE paused_until END
 WHERE id = $1::integer;

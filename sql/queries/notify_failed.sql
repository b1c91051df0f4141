-- notify_failed: a target was not reached: again after 1, 2, 4, ... seconds, at most five minutes, or when it asks for more.
-- $1 bigint target, $2 why, $3 bigint seconds that it asked for
UPDATE notify_target SET failures = failures + 1, last_error = $2, last_try_at = now(),
       not_before = now() + greatest(least(power(2, least(failures, 10)), 300), least($3::bigint, 3600)) * interval '1 s'
 WHERE id = $1::bigint;

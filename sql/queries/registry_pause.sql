-- registry_pause: a rate limit; nothing is read from there for a while.
-- $1 integer registry, $2 integer seconds
UPDATE registry SET paused_until = greatest(paused_until, now() + make_interval(secs => $2::integer)) WHERE id = $1::integer;

-- inbox_done: worked in, or refused with its reason.
-- $1 bigint id, $2 text error
UPDATE inbox SET processed_at = now(), error = $2 WHERE id = $1::bigint;

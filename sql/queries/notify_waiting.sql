-- notify_waiting: how many notifications wait behind one, counted up to a number.
-- $1 bigint the last one delivered, $2 bigint so many are enough
SELECT count(*) FROM (SELECT 1 FROM notification WHERE id > $1::bigint LIMIT $2::bigint) n;

-- layers_skip: layers that cannot be read at all (encrypted, ...).
-- $1 bytea[] digests, $2 text[] reasons
UPDATE layer l SET state = 'failed', reasons = ARRAY[u.reason]
  FROM unnest($1::bytea[], $2::text[]) u(digest, reason)
 WHERE l.digest = u.digest AND l.state = 'new';

-- packages_matched: done.
-- $1 bigint[] packages
UPDATE package SET matched = true WHERE id = ANY ($1::bigint[]);

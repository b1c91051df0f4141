-- packages_unmatched: packages nobody matched.
-- $1 integer at most
SELECT id FROM package WHERE NOT matched ORDER BY id LIMIT $1::integer;

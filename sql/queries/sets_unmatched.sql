-- sets_unmatched: sets without a summary.
-- $1 integer at most
SELECT id FROM package_set WHERE NOT matched ORDER BY id LIMIT $1::integer;

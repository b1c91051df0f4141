-- sets_unmatched: sets without a summary.
-- $1 integer at most
SELECT set_id FROM set_due ORDER BY set_id LIMIT $1::integer;

-- audit_advisory_ids: the next advisories.
-- $1 bigint the last id seen, $2 integer at most
SELECT id FROM advisory WHERE id > $1::bigint ORDER BY id LIMIT $2::integer;

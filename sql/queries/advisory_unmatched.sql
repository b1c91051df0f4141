-- advisory_unmatched: entries that no version order of ours covers.
-- $1 bigint advisory, $2 bigint entries
UPDATE advisory SET unmatched_entries = $2::bigint WHERE id = $1::bigint;

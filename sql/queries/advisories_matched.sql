-- advisories_matched: seen.
-- $1 bigint[] advisories
UPDATE advisory SET changed = false WHERE id = ANY ($1::bigint[]);

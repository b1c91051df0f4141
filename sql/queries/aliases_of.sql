-- aliases_of: the aliases that documents had when they were seen last.
-- $1 bigint[] advisories
SELECT DISTINCT name FROM advisory_name WHERE advisory_id = ANY ($1::bigint[]) AND link;

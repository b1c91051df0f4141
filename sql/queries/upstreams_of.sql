-- upstreams_of: the names upstream of documents whose classes matter.
-- $1 bigint[] advisories
SELECT DISTINCT name FROM advisory_name WHERE advisory_id = ANY ($1::bigint[]) AND NOT link;

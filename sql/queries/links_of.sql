-- links_of: what advisories are about, as stored.
-- $1 bigint[] advisories
-- returns  advisory, vulnerability, its name
SELECT av.advisory_id, av.vulnerability_id, v.name FROM advisory_vulnerability av JOIN vulnerability v ON v.id = av.vulnerability_id
 WHERE av.advisory_id = ANY ($1::bigint[]) ORDER BY av.advisory_id, v.name;

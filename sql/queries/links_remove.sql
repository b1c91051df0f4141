-- links_remove: what advisories are not about any more.
-- $1 bigint[] advisories, $2 bigint[] vulnerabilities
DELETE FROM advisory_vulnerability av USING unnest($1::bigint[], $2::bigint[]) u(a, v)
 WHERE av.advisory_id = u.a AND av.vulnerability_id = u.v;

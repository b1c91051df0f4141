-- explain_advisories: all documents about vulnerabilities.
-- $1 bigint[] vulnerabilities
-- returns  advisory, in their order
SELECT DISTINCT advisory_id FROM advisory_vulnerability WHERE vulnerability_id = ANY ($1::bigint[]) ORDER BY 1;

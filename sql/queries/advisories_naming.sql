-- advisories_naming: documents whose vulnerabilities depend on the classes of names.
-- $1 text[] names, $2 bigint[] but not these
SELECT id FROM (
	SELECT id FROM advisory WHERE name = ANY ($1::text[])
	UNION
	SELECT advisory_id FROM advisory_name WHERE name = ANY ($1::text[]) AND NOT link) x
 WHERE NOT id = ANY ($2::bigint[]);

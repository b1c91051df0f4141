-- packages_of_advisories: packages to which advisories apply.
-- $1 bigint[] advisories
SELECT DISTINCT package_id FROM match WHERE advisory_id = ANY ($1::bigint[]);

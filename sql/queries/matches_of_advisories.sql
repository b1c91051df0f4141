-- matches_of_advisories: where advisories apply, as stored.
-- $1 bigint[] advisories
SELECT package_id, advisory_id, severity, status, fixed_version, rule, hidden, rated, reason, coalesce(stated, 0) FROM match WHERE advisory_id = ANY ($1::bigint[]) ORDER BY advisory_id, package_id;

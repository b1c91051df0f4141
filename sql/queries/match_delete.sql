-- match_delete: retract what advisories said.
-- $1 bigint[] advisories
-- returns  packages
DELETE FROM match WHERE advisory_id = ANY ($1::bigint[]) RETURNING package_id;

-- match_delete_packages: before packages are matched.
-- $1 bigint[] packages
DELETE FROM match WHERE package_id = ANY ($1::bigint[]);

-- sets_of_packages: sets that hold any of the packages.
-- $1 bigint[] packages
SELECT id FROM package_set WHERE packages && $1::bigint[]::integer[];

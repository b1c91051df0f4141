-- package_keys_delete: before they are made anew.
-- $1 bigint[] packages
DELETE FROM package_key WHERE package_id = ANY ($1::bigint[]);

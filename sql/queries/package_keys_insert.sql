-- package_keys_insert: the rows by which packages are matched.
-- $1 bigint[] packages, $2 text[] namespaces, $3 text[] names, $4 bytea[] keys
INSERT INTO package_key (package_id, namespace, name, key)
SELECT DISTINCT u.package_id, u.namespace, u.name, u.key
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) u(package_id, namespace, name, key)
 WHERE length(u.key) <= 2000 AND length(u.name) <= 500;

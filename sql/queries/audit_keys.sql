-- audit_keys: keys that differ from those of the packages.
-- $1 bigint[] packages; the rebuild: $2 bigint[] packages, $3 text[] namespaces, $4 text[] names, $5 bytea[] keys
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT DISTINCT u.*, true AS there FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[]) u(id, namespace, name, key)
            WHERE length(u.key) <= 2000 AND length(u.name) <= 500),
     o AS (SELECT package_id::bigint AS id, namespace::text, name::text, key, true AS there FROM package_key WHERE package_id = ANY ($1::bigint[]))
SELECT count(*) OVER (), concat_ws(' ', 'package', id, namespace, name, encode(key, 'hex')), CASE WHEN o.there THEN 'there' END, CASE WHEN n.there THEN 'there' END
  FROM n FULL JOIN o USING (id, namespace, name, key) WHERE n.there IS DISTINCT FROM o.there LIMIT 100;

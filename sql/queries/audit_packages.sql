-- audit_packages: the next packages.
-- $1 bigint the last id seen, $2 integer at most
SELECT id, 0, namespace, type, name, version, arch, source_name, source_version, origin, module, channels,
       owner_namespace, owner_source, owner_version
  FROM package WHERE id > $1::bigint ORDER BY id LIMIT $2::integer;

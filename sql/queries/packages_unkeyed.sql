-- packages_unkeyed: those whose keys are to be made anew.
-- $1 bigint[] packages
-- returns  as audit_packages
SELECT id, 0, namespace, type, name, version, arch, source_name, source_version, origin, module, channels,
       owner_namespace, owner_source, owner_version
  FROM package WHERE id = ANY ($1::bigint[]) AND NOT keyed ORDER BY id;

-- candidates_of_packages: pairs that the rules must look at: by keys, and what is said of a binary by its own name; some come twice.
-- $1 bigint[] packages
SELECT DISTINCT k.package_id, a.advisory_id, p.namespace, p.type, p.name, p.version, p.arch, p.source_name, p.source_version, p.origin, p.module, p.channels,
       p.owner_namespace, p.owner_source, p.owner_version
  FROM package_key k
  JOIN affected a ON a.namespace = k.namespace AND a.name = k.name AND k.key >= a.lo AND k.key < a.hi
  JOIN package p ON p.id = k.package_id
 WHERE k.package_id = ANY ($1::bigint[])
UNION ALL
SELECT DISTINCT p.id, a.advisory_id, p.namespace, p.type, p.name, p.version, p.arch, p.source_name, p.source_version, p.origin, p.module, p.channels,
       p.owner_namespace, p.owner_source, p.owner_version
  FROM package p
  JOIN affected a ON a.namespace = p.namespace AND a.name = p.name AND a.is_binary
 WHERE p.id = ANY ($1::bigint[]) AND p.type IN ('deb', 'apk')
 ORDER BY 2, 1;

-- packages_insert: new packages, unmatched.
-- $1 bytea[] identities, $2..$15 text[] namespace type name version arch source_name source_version origin context module channels
-- owner_namespace owner_source owner_version
INSERT INTO package (identity, namespace, type, name, version, arch, source_name, source_version, origin, context, module, channels,
                     owner_namespace, owner_source, owner_version)
SELECT DISTINCT ON (u.identity) u.*
  FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
              $13::text[], $14::text[], $15::text[])
       u(identity, namespace, type, name, version, arch, source_name, source_version, origin, context, module, channels,
         owner_namespace, owner_source, owner_version)
ON CONFLICT DO NOTHING;

-- audit_affected: ranges that differ from those of the documents.
-- $1 bigint[] advisories; the rebuild: $2 bigint[] advisories, $3 bigint[] entries, $4 text[] namespaces, $5 text[] names, $6 bytea[] lo, $7 bytea[] hi,
-- $8 bigint[] of a binary (1, 0)
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT advisory_id, entry, namespace, name, lo, hi, is_binary = 1 AS is_binary, count(*) AS n
             FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bigint[])
                  u(advisory_id, entry, namespace, name, lo, hi, is_binary)
            GROUP BY 1, 2, 3, 4, 5, 6, 7),
     o AS (SELECT advisory_id::bigint, entry::bigint, namespace::text, name::text, lo, hi, is_binary, count(*) AS n FROM affected
            WHERE advisory_id = ANY ($1::bigint[]) GROUP BY 1, 2, 3, 4, 5, 6, 7)
SELECT count(*) OVER (), concat_ws(' ', 'advisory', advisory_id, namespace, name, encode(lo, 'hex'), encode(hi, 'hex')), o.n, n.n
  FROM n FULL JOIN o USING (advisory_id, entry, namespace, name, lo, hi, is_binary) WHERE n.n IS DISTINCT FROM o.n LIMIT 100;

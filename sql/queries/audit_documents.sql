-- audit_documents: columns of advisories that differ from their documents.
-- $1 bigint[] advisories, $2 bytea[] digests, $3 bigint[] withdrawn (1, 0), $4 bigint[] severities, $5 bigint[] entries without an order
-- returns  how many differ, the first of them: key, stored, rebuilt
SELECT count(*) OVER (), 'advisory ' || a.id, concat_ws(' ', encode(a.digest, 'hex'), a.withdrawn, a.severity, a.unmatched_entries),
       concat_ws(' ', encode(u.digest, 'hex'), u.withdrawn = 1, u.severity, u.unmatched)
  FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[]) u(id, digest, withdrawn, severity, unmatched)
  JOIN advisory a USING (id)
 WHERE (a.digest, a.withdrawn, a.severity, a.unmatched_entries) IS DISTINCT FROM (u.digest, u.withdrawn = 1, u.severity, u.unmatched)
 LIMIT 100;

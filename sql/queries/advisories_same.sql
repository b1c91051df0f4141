-- advisories_same: what is stored of documents, and present.
-- $1 feed, $2 text[] names, $3 bytea[] digests
-- returns  bigint  their places in the arrays, boolean the same byte for byte, text when modified
SELECT u.n, a.digest = u.digest, a.modified FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY u(name, digest, n)
  JOIN advisory a ON a.feed = $1 AND a.name = u.name AND a.gone_at IS NULL;

-- advisories_same: which documents are stored already, byte for byte, and present.
-- $1 feed, $2 text[] names, $3 bytea[] digests
-- returns  bigint  their places in the arrays
SELECT u.n FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY u(name, digest, n)
  JOIN advisory a ON a.feed = $1 AND a.name = u.name AND a.digest = u.digest AND a.gone_at IS NULL;

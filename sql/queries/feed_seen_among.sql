-- feed_seen_among: which documents came before in the import.
-- $1 feed, $2 text[] names
-- returns  bigint  their places in the array
SELECT u.n FROM unnest($2::text[]) WITH ORDINALITY u(name, n) WHERE EXISTS (SELECT 1 FROM feed_seen s WHERE s.feed = $1 AND s.name = u.name);

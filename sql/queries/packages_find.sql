-- packages_find: ids of packages that are known.
-- $1 bytea[] identities
-- returns  place in the array, id
SELECT u.n, p.id FROM unnest($1::bytea[]) WITH ORDINALITY u(identity, n) JOIN package p USING (identity);

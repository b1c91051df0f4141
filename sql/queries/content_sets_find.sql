-- content_sets_find: what is known of repositories.
-- $1 text[] names
-- returns  name, cpes
SELECT name, cpes FROM content_set WHERE name = ANY ($1::text[]);

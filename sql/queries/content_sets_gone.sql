-- content_sets_gone: what the file lacks is not known any more.
-- $1 text[] names that it has
DELETE FROM content_set c WHERE NOT EXISTS (SELECT 1 FROM unnest($1::text[]) u(name) WHERE u.name = c.name);

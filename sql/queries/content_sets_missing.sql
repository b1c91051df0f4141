-- content_sets_missing: after an import, what the file lacks.
-- $1 text[] names that it has
-- returns  repositories known and not in it, repositories known before it
SELECT count(*) FILTER (WHERE n.name IS NULL), (SELECT documents FROM feed WHERE name = 'redhat_repositories')
  FROM content_set c LEFT JOIN (SELECT DISTINCT u.name FROM unnest($1::text[]) u(name)) n USING (name);

-- content_sets_put: repositories that are new or changed.
-- $1 text[] names, $2 text[] CPEs, words with one space between
-- returns  how many were stored
WITH n AS MATERIALIZED (SELECT DISTINCT ON (u.name) u.name, u.cpes
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u(name, cpes, at) ORDER BY u.name, u.at DESC),
     put AS (INSERT INTO content_set AS c (name, cpes)
             SELECT n.name, n.cpes FROM n LEFT JOIN content_set o USING (name) WHERE o.cpes IS DISTINCT FROM n.cpes
             ON CONFLICT (name) DO UPDATE SET cpes = EXCLUDED.cpes RETURNING 1)
SELECT count(*) FROM put;

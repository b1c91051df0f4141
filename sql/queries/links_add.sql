-- links_add: what advisories are about now.
-- $1 bigint[] advisories, $2 text[] names of vulnerabilities, $3 text[] summaries for new ones
-- returns  advisory, vulnerability, its name
WITH u AS MATERIALIZED (SELECT a::integer AS advisory_id, v AS name, s FROM unnest($1::bigint[], $2::text[], $3::text[]) u(a, v, s)),
     new AS (INSERT INTO vulnerability (name, summary) SELECT DISTINCT ON (name) name, s FROM u
              WHERE NOT EXISTS (SELECT 1 FROM vulnerability v WHERE v.name = u.name) ORDER BY name, s RETURNING id, name),
     every AS (SELECT id, name FROM new UNION ALL SELECT v.id, v.name FROM vulnerability v WHERE v.name IN (SELECT name FROM u))
INSERT INTO advisory_vulnerability AS av (advisory_id, vulnerability_id)
SELECT u.advisory_id, e.id FROM u JOIN every e USING (name)
RETURNING av.advisory_id, av.vulnerability_id;

-- advisory_names_set: the names that documents depend on now.
-- $1 bigint[] advisories, $2 bigint[] of the rows: advisory, $3 bigint[] alias (1) or upstream (0), $4 text[] name
WITH n AS MATERIALIZED (SELECT DISTINCT u.id::integer AS advisory_id, u.link = 1 AS link, u.name
                          FROM unnest($2::bigint[], $3::bigint[], $4::text[]) u(id, link, name)),
     gone AS (DELETE FROM advisory_name o WHERE o.advisory_id = ANY ($1::bigint[])
               AND NOT EXISTS (SELECT 1 FROM n WHERE n.advisory_id = o.advisory_id AND n.link = o.link AND n.name = o.name))
INSERT INTO advisory_name (advisory_id, link, name) SELECT advisory_id, link, name FROM n ON CONFLICT DO NOTHING;

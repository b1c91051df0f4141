-- audit_names: names that differ from those of the documents.
-- $1 bigint[] advisories; the rebuild: $2 bigint[] advisories, $3 bigint[] link (1, 0), $4 text[] names
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT DISTINCT u.id, u.link = 1 AS link, u.name FROM unnest($2::bigint[], $3::bigint[], $4::text[]) u(id, link, name)),
     o AS (SELECT advisory_id::bigint AS id, link, name::text FROM advisory_name WHERE advisory_id = ANY ($1::bigint[]))
SELECT count(*) OVER (), concat_ws(' ', 'advisory', id, CASE WHEN link THEN 'alias' ELSE 'upstream' END, name),
       CASE WHEN o.there THEN 'there' END, CASE WHEN n.there THEN 'there' END
  FROM (SELECT *, true AS there FROM n) n FULL JOIN (SELECT *, true AS there FROM o) o USING (id, link, name)
 WHERE n.there IS DISTINCT FROM o.there LIMIT 100;

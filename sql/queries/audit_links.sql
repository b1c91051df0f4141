-- audit_links: vulnerabilities that advisories are about, other than by their names.
-- $1 bigint[] advisories; the rebuild: $2 bigint[] advisories, $3 text[] vulnerabilities
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT DISTINCT u.id, u.name, true AS there FROM unnest($2::bigint[], $3::text[]) u(id, name)),
     o AS (SELECT av.advisory_id::bigint AS id, v.name::text, true AS there FROM advisory_vulnerability av JOIN vulnerability v ON v.id = av.vulnerability_id
            WHERE av.advisory_id = ANY ($1::bigint[]))
SELECT count(*) OVER (), concat_ws(' ', 'advisory', id, name), CASE WHEN o.there THEN 'there' END, CASE WHEN n.there THEN 'there' END
  FROM n FULL JOIN o USING (id, name) WHERE n.there IS DISTINCT FROM o.there LIMIT 100;

-- explain_advisories_of_image: the documents about vulnerabilities that name a package
-- of an image, or have entries that could not be ordered and may name one.
-- $1 bigint[] vulnerabilities, $2 bigint image
-- returns  advisory, in their order
WITH about AS MATERIALIZED (SELECT DISTINCT advisory_id FROM advisory_vulnerability WHERE vulnerability_id = ANY ($1::bigint[])),
     keys AS MATERIALIZED (
	SELECT DISTINCT k.namespace, k.name
	  FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
	  JOIN package_key k ON k.package_id = member WHERE s.image_id = $2::bigint),
     binaries AS MATERIALIZED (
	SELECT DISTINCT p.namespace, p.name
	  FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
	  JOIN package p ON p.id = member WHERE s.image_id = $2::bigint AND p.type IN ('deb', 'apk'))
SELECT b.advisory_id
  FROM about b
 WHERE EXISTS (SELECT 1 FROM affected a JOIN keys k ON k.namespace = a.namespace AND k.name = a.name WHERE a.advisory_id = b.advisory_id)
    OR EXISTS (SELECT 1 FROM affected a JOIN binaries k ON k.namespace = a.namespace AND k.name = a.name WHERE a.advisory_id = b.advisory_id AND a.is_binary)
    OR EXISTS (SELECT 1 FROM advisory d WHERE d.id = b.advisory_id AND d.unmatched_entries > 0)
 ORDER BY 1;

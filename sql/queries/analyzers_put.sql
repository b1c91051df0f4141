-- analyzers_put: what a worker reads layers by, as a set.
-- $1 text[] kinds, $2 bigint[] revisions, $3 bigint[] wants_revisions, $4 bigint[] recorded
-- returns  its id; 0 = it does not say
WITH list AS MATERIALIZED (
	SELECT kind, max(revision)::integer AS revision, max(wants)::integer AS wants, min(recorded) <> 0 AS recorded
	  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) u(kind, revision, wants, recorded) GROUP BY kind),
     sum AS MATERIALIZED (
	SELECT sha256(convert_to(coalesce(string_agg(concat_ws(' ', kind, revision, wants, recorded), E'\n' ORDER BY kind COLLATE "C"), ''),
	       'UTF8')) AS digest FROM list),
     new AS (INSERT INTO analyzer_set (digest) SELECT digest FROM sum s WHERE NOT EXISTS (SELECT 1 FROM analyzer_set x WHERE x.digest = s.digest)
             ON CONFLICT DO NOTHING RETURNING id),
     rows AS (INSERT INTO analyzer (set_id, kind, revision, wants_revision, recorded)
              SELECT new.id, kind, revision, wants, recorded FROM new, list)
SELECT id FROM new UNION ALL SELECT x.id FROM analyzer_set x JOIN sum USING (digest) LIMIT 1;

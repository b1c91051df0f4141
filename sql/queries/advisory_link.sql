-- advisory_link: what an advisory is about.
-- $1 bigint advisory, $2 text[] vulnerabilities
WITH gone AS (DELETE FROM advisory_vulnerability WHERE advisory_id = $1::bigint
               AND vulnerability_id NOT IN (SELECT id FROM vulnerability WHERE name = ANY ($2::text[])))
INSERT INTO advisory_vulnerability (advisory_id, vulnerability_id)
SELECT $1::bigint, id FROM vulnerability WHERE name = ANY ($2::text[]) ON CONFLICT DO NOTHING;

-- kev_put: entries of the file: noted as seen, and stored where they are new or changed.
-- $1 text[] CVEs, $2 text[] days added, $3 text[] days due ('' = none), $4 bigint[] known from ransomware campaigns (1, 0)
-- returns  how many were stored
WITH n AS MATERIALIZED (SELECT DISTINCT ON (u.cve) u.cve, u.added::date AS added, nullif(u.due, '')::date AS due, u.ransomware = 1 AS ransomware
             FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY u(cve, added, due, ransomware, at) ORDER BY u.cve, u.at DESC),
     seen AS (INSERT INTO feed_seen (feed, name) SELECT 'kev', cve FROM n),
     put AS (INSERT INTO kev AS k (cve, added, due, ransomware)
             SELECT n.* FROM n LEFT JOIN kev o USING (cve) WHERE (o.added, o.due, o.ransomware) IS DISTINCT FROM (n.added, n.due, n.ransomware)
             ON CONFLICT (cve) DO UPDATE SET added = EXCLUDED.added, due = EXCLUDED.due, ransomware = EXCLUDED.ransomware RETURNING cve),
     due AS (INSERT INTO kev_due SELECT cve FROM put)
SELECT count(*) FROM put;

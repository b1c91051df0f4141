-- epss_put: scores of the file: noted as seen, and stored where they are new or changed.
-- $1 text[] CVEs, $2 bigint[] scores, $3 bigint[] percentiles (< 0 = none), both in parts of 100,000
-- returns  how many were stored
WITH n AS MATERIALIZED (SELECT DISTINCT ON (u.cve) u.cve, (u.score / 100000.0)::real AS score, CASE WHEN u.percentile >= 0 THEN (u.percentile / 100000.0)::real END AS percentile
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY u(cve, score, percentile, at) ORDER BY u.cve, u.at DESC),
     seen AS (INSERT INTO feed_seen (feed, name) SELECT 'epss', cve FROM n),
     put AS (INSERT INTO epss AS e (cve, score, percentile)
             SELECT n.* FROM n LEFT JOIN epss o USING (cve) WHERE (o.score, o.percentile) IS DISTINCT FROM (n.score, n.percentile)
             ON CONFLICT (cve) DO UPDATE SET score = EXCLUDED.score, percentile = EXCLUDED.percentile RETURNING 1)
SELECT count(*) FROM put;

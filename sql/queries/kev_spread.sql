-- kev_spread: the next entries that came, went or changed: the sets with findings of them are due.
-- $1 bigint at most
-- returns  how many entries
WITH t AS (DELETE FROM kev_due WHERE cve IN (SELECT DISTINCT cve FROM kev_due ORDER BY cve LIMIT $1::bigint) RETURNING cve),
     k AS MATERIALIZED (
	SELECT f.package_id AS package, min(t.cve) AS cve
	  FROM t JOIN vulnerability v ON v.name = t.cve JOIN finding f ON f.vulnerability_id = v.id GROUP BY 1),
     due AS (
	INSERT INTO kev_set_due
	SELECT s.id, min(k.cve)
	  FROM k CROSS JOIN LATERAL (SELECT ps.id FROM package_set ps WHERE ps.packages @> ARRAY[k.package] OFFSET 0) s
	 GROUP BY s.id ORDER BY s.id
	ON CONFLICT (set_id) DO NOTHING)
SELECT count(DISTINCT cve) FROM t;

-- kev_due_take: the next entries that came, went or changed.
-- $1 bigint at most
WITH t AS (DELETE FROM kev_due WHERE cve IN (SELECT DISTINCT cve FROM kev_due ORDER BY cve LIMIT $1::bigint) RETURNING cve)
SELECT DISTINCT cve FROM t ORDER BY cve;

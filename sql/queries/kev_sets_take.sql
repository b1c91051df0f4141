-- kev_sets_take: the next sets that hold what came into the catalogue or left it.
-- $1 integer at most
-- returns  set, number of the row from 0, CVE
WITH t AS (DELETE FROM kev_set_due WHERE set_id = ANY (ARRAY(SELECT set_id FROM kev_set_due ORDER BY set_id LIMIT $1::integer)) RETURNING set_id, cve)
SELECT set_id, row_number() OVER (ORDER BY set_id) - 1, cve FROM t ORDER BY set_id;

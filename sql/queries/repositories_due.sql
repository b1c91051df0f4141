-- repositories_due: take repositories to count anew.
-- $1 integer at most
-- returns  repositories, some more than once
DELETE FROM repository_due
 WHERE repository_id IN (SELECT DISTINCT repository_id FROM repository_due ORDER BY repository_id LIMIT $1::integer)
RETURNING repository_id;

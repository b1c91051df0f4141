-- alias_closure: all names that aliases connect with these.
-- $1 text[] names
WITH RECURSIVE c(name) AS (
	SELECT u COLLATE "C" FROM unnest($1::text[]) u
	UNION
	SELECT x.name FROM c CROSS JOIN LATERAL (
		SELECT n.name FROM advisory a JOIN advisory_name n ON n.advisory_id = a.id AND n.link WHERE a.name = c.name
		UNION ALL
		SELECT a.name FROM advisory_name n JOIN advisory a ON a.id = n.advisory_id WHERE n.name = c.name AND n.link) x)
SELECT name FROM c;

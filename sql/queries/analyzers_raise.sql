-- analyzers_raise: the farm reads by this set from now on, if it reads nothing worse than any that the farm read by, lacks no
-- kind of theirs, and reads something better.  So the farm never goes back, and sets that are each better in something cannot
-- take turns.
-- $1 integer set
-- returns  the set by which the farm reads now
WITH known AS (
	SELECT a.kind, max(a.revision) AS revision, max(a.wants_revision) AS wants
	  FROM analyzer a JOIN analyzer_set s ON s.id = a.set_id WHERE s.raised IS NOT NULL GROUP BY a.kind),
     better AS MATERIALIZED (
	SELECT 1 FROM (SELECT * FROM analyzer WHERE set_id = $1::integer) a FULL JOIN known k USING (kind)
	HAVING bool_and(k.kind IS NULL OR coalesce(a.revision >= k.revision AND a.wants_revision >= k.wants, false))
	   AND bool_or(k.kind IS NULL OR a.revision > k.revision OR a.wants_revision > k.wants)),
     raised AS (UPDATE analyzer_set SET raised = (SELECT max(raised) + 1 FROM analyzer_set)
                 WHERE id = $1::integer AND raised IS NULL AND EXISTS (SELECT 1 FROM better) RETURNING id)
SELECT id FROM raised
UNION ALL
(SELECT id FROM analyzer_set WHERE raised IS NOT NULL AND NOT EXISTS (SELECT 1 FROM raised) ORDER BY raised DESC LIMIT 1);

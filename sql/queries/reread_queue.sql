-- reread_queue: some layers of other sets of analyzers than the farm's are looked at.  Those in which it may find something
-- else get a job, the others belong to its set from now on.  That is: all layers if a kind is new, wants other files, or reads
-- otherwise and leaves no record where it finds nothing; else those with a record of another revision, or of a kind that is no
-- more.  Another is a higher one, too: such a set was taken back.
-- $1 integer the farm's set, $2 bigint layers at once, $3 bigint open jobs at most, $4 integer priority
-- returns  layers looked at, new jobs, jobs open before
WITH old AS MATERIALIZED (
	SELECT s.id, EXISTS (
		SELECT 1 FROM analyzer g LEFT JOIN analyzer a ON a.set_id = s.id AND a.kind = g.kind
		 WHERE g.set_id = $1::integer
		   AND (a.kind IS NULL OR g.wants_revision <> a.wants_revision OR (g.revision <> a.revision AND NOT g.recorded))) AS whole
	  FROM analyzer_set s WHERE s.id <> $1::integer),
     room AS MATERIALIZED (SELECT greatest($3::bigint - count(*), 0) AS n FROM job WHERE reread),
     due AS (UPDATE layer SET reread_at = NULL
              WHERE id IN (SELECT id FROM layer WHERE reread_error <> '' AND reread_at <= now() ORDER BY reread_at
                            LIMIT (SELECT n / 2 FROM room)) RETURNING id, hashed),
     few AS MATERIALIZED (SELECT CASE WHEN n > $3::bigint / 2 THEN $2::bigint ELSE 0 END AS n FROM room),
     w AS MATERIALIZED (	-- two ranges of layer_by_analyzers, in its order: nothing else reads a million rows to find none
	(SELECT l.id, l.analyzer_set_id, l.hashed FROM layer l
	  WHERE l.analyzer_set_id < $1::integer AND l.state IN ('done', 'incomplete')
	    AND NOT EXISTS (SELECT 1 FROM job j WHERE j.layer_id = l.id AND j.kind = 'layer')
	  ORDER BY l.analyzer_set_id, l.id LIMIT (SELECT n FROM few))
	UNION ALL
	(SELECT l.id, l.analyzer_set_id, l.hashed FROM layer l
	  WHERE l.analyzer_set_id > $1::integer AND l.state IN ('done', 'incomplete')
	    AND NOT EXISTS (SELECT 1 FROM job j WHERE j.layer_id = l.id AND j.kind = 'layer')
	  ORDER BY l.analyzer_set_id, l.id LIMIT (SELECT n FROM few))
	LIMIT (SELECT n FROM few)),
     better AS MATERIALIZED (
	SELECT w.id, w.hashed FROM w JOIN old ON old.id = w.analyzer_set_id
	 WHERE old.whole OR EXISTS (
		SELECT 1 FROM inventory v LEFT JOIN analyzer g ON g.set_id = $1::integer AND g.kind = v.kind
		 WHERE v.layer_id = w.id AND (g.kind IS NULL OR v.revision <> g.revision))),
     same AS (UPDATE layer SET analyzer_set_id = $1::integer WHERE id IN (SELECT id FROM w EXCEPT SELECT id FROM better)),
     queued AS (INSERT INTO job (kind, layer_id, hashes, priority, reread)
                SELECT 'layer', x.id, x.hashed, $4::smallint, true
                  FROM (SELECT id, hashed FROM due UNION SELECT id, hashed FROM better LIMIT (SELECT n FROM room)) x ORDER BY x.id
                ON CONFLICT (layer_id) WHERE kind = 'layer' DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM queued), (SELECT count(*) FROM job WHERE reread);

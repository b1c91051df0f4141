-- layer_of_better: was a layer's stored result read better than a worker reads?  Nothing is better than what the farm reads by.
-- $1 bigint layer, $2 integer the worker's set of analyzers
SELECT 1 FROM layer l
 WHERE l.id = $1::bigint AND l.state IN ('done', 'incomplete') AND l.analyzer_set_id <> $2::integer
   AND $2::integer <> (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1)
   AND EXISTS (SELECT 1 FROM analyzer a LEFT JOIN analyzer w ON w.set_id = $2::integer AND w.kind = a.kind
                WHERE a.set_id = l.analyzer_set_id
                  AND (w.kind IS NULL OR w.revision < a.revision OR w.wants_revision < a.wants_revision));

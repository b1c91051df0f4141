-- layer_hashed: a worker that reads worse than the one before brought a layer's path hashes, which go in after this; the
-- inventory stays.  What this worker could not read counts, until the layer is read again.
-- $1 bigint layer, $2 text[] reasons, $3 integer the worker's set of analyzers
WITH t AS (DELETE FROM layer_tree WHERE layer_id = $1::bigint),
     new AS (SELECT ARRAY(SELECT unnest($2::text[]) EXCEPT SELECT unnest(reasons) FROM layer WHERE id = $1::bigint) AS reasons)
UPDATE layer l SET hashed = true, content = NULL, reasons = l.reasons || new.reasons,
       state = CASE WHEN cardinality(new.reasons) > 0 THEN 'incomplete' ELSE state END,
       analyzer_set_id = CASE WHEN cardinality(new.reasons) > 0 THEN $3::integer ELSE analyzer_set_id END,
       analyses = analyses + 1, analysed_at = now()
  FROM new WHERE l.id = $1::bigint;

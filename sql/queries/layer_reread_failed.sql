-- layer_reread_failed: a layer cannot be read again; what is stored stays, until there are better analyzers still.
-- $1 bigint layer, $2 text reason, $3 integer try again after so many seconds, 0 = not
UPDATE layer SET analyzer_set_id = (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1),
       reread_error = $2, reread_at = now() + make_interval(secs => nullif($3::integer, 0))
 WHERE id = $1::bigint AND state IN ('done', 'incomplete');

-- layer_done: a layer was read, as far as it can be.
-- $1 bigint layer, $2 text[] reasons (none: whole), $3 boolean hashed, $4 integer limits revision,
-- $5 bigint size, $6 bigint tar size, $7 bigint entries, $8 integer the worker's set of analyzers, $9 bytea digest of what was found
-- returns  was anything else stored before
WITH was AS MATERIALIZED (SELECT state, hashed, content, reasons FROM layer WHERE id = $1::bigint)
UPDATE layer l SET state = CASE WHEN cardinality($2::text[]) = 0 THEN 'done' ELSE 'incomplete' END,
       reasons = $2::text[], hashed = $3::boolean, limits_revision = $4::integer, size = $5::bigint,
       tar_size = $6::bigint, entries = $7::bigint, analyses = analyses + 1, analysed_at = now(),
       analyzer_set_id = $8::integer, content = $9::bytea, reread_error = '', reread_at = NULL
  FROM was WHERE l.id = $1::bigint
RETURNING was.state NOT IN ('done', 'incomplete') OR was.hashed <> $3::boolean OR was.content IS DISTINCT FROM $9::bytea OR was.reasons <> $2::text[];

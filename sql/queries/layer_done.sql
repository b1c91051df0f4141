-- layer_done: a layer was read, as far as it can be.
-- $1 bigint layer, $2 text[] reasons (none: whole), $3 boolean hashed, $4 integer limits revision,
-- $5 bigint size, $6 bigint tar size, $7 bigint entries
UPDATE layer SET state = CASE WHEN cardinality($2::text[]) = 0 THEN 'done' ELSE 'incomplete' END,
       reasons = $2::text[], hashed = $3::boolean, limits_revision = $4::integer, size = $5::bigint,
       tar_size = $6::bigint, entries = $7::bigint, analyses = analyses + 1, analysed_at = now()
 WHERE id = $1::bigint;

-- audit_end: what it found; the last 100 are kept.
-- $1 bigint audit, $2 bigint rows compared, $3 bigint differences, $4 json, $5 text[] details, $6 error
WITH old AS (DELETE FROM audit_run WHERE id <= $1::bigint - 100)
UPDATE audit_run SET ended_at = now(), rows = $2::bigint, differences = $3::bigint, tables = $4::jsonb, details = $5::text[], error = $6
 WHERE id = $1::bigint;

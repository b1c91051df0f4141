-- audit_start: it begins, or begins again.
-- $1 bigint audit
UPDATE audit_run SET started_at = now() WHERE id = $1::bigint;

-- audit_request: ask for an audit; the one that is open counts too.
-- $1 by whom
WITH new AS (INSERT INTO audit_run (requested_by) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM audit_run WHERE ended_at IS NULL)
             ON CONFLICT DO NOTHING RETURNING id)
SELECT json_build_object('id', id)::text FROM (SELECT id FROM new UNION ALL SELECT id FROM audit_run WHERE ended_at IS NULL LIMIT 1) x;

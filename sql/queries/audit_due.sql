-- audit_due: the open audit; one is opened when the last is too long ago.
-- $1 integer seconds between two (0 = only on request)
WITH new AS (INSERT INTO audit_run (requested_by) SELECT 'timer'
              WHERE $1::integer > 0 AND EXISTS (SELECT 1 FROM advisory) AND EXISTS (SELECT 1 FROM package)
                AND NOT EXISTS (SELECT 1 FROM audit_run WHERE ended_at IS NULL OR ended_at > now() - make_interval(secs => $1::integer))
                 ON CONFLICT DO NOTHING RETURNING id)
SELECT id FROM new UNION ALL SELECT id FROM audit_run WHERE ended_at IS NULL LIMIT 1;

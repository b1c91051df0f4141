-- verdict_set: judge a state; a change goes to the ledger.
-- $1 bigint state, $2 verdict, $3 text[] reasons, $4 cause, $5 reference
WITH old AS (SELECT verdict FROM verdict WHERE image_state_id = $1::bigint AND scope = ''),
     done AS (UPDATE image_state SET matched = true WHERE id = $1::bigint AND NOT matched),
     ledger AS (INSERT INTO verdict_ledger (image_state_id, scope, old, new, cause, reference)
                SELECT $1::bigint, '', coalesce((SELECT verdict FROM old), ''), $2, $4, $5
                 WHERE $2 IS DISTINCT FROM (SELECT verdict FROM old))
INSERT INTO verdict (image_state_id, scope, verdict, reasons) VALUES ($1::bigint, '', $2, $3::text[])
ON CONFLICT (image_state_id, scope) DO UPDATE SET reasons = EXCLUDED.reasons, verdict = EXCLUDED.verdict,
       changed_at = CASE WHEN verdict.verdict <> EXCLUDED.verdict THEN now() ELSE verdict.changed_at END;

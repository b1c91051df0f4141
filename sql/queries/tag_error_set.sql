-- tag_error_set: nobody could find out where a tag points.
-- $1 integer repository, $2 tag, $3 outcome, $4 reason
INSERT INTO tag_error (repository_id, tag, outcome, reason) VALUES ($1::integer, $2, $3, $4)
ON CONFLICT (repository_id, tag) DO UPDATE SET outcome = EXCLUDED.outcome, reason = EXCLUDED.reason, at = now();

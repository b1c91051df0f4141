-- image_applied: an image has its state; its repositories are counted anew when it is another one, and
-- who wants to know is told when that has another verdict.
-- $1 bigint image, $2 bigint image_state
WITH was AS MATERIALIZED (
	SELECT i.image_state_id AS state, coalesce(v.verdict, '') AS verdict,
	       CASE WHEN i.reread AND i.image_state_id IS NOT NULL THEN 'analyzers' ELSE 'new_inventory' END AS cause
	  FROM image i LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
	 WHERE i.id = $1::bigint AND i.image_state_id IS DISTINCT FROM $2::bigint),
     due AS (INSERT INTO repository_due SELECT ri.repository_id FROM repository_image ri, was WHERE ri.image_id = $1::bigint AND ri.gone_at IS NULL),
     history AS (INSERT INTO image_state_history (image_id, image_state_id, cause) SELECT $1::bigint, $2::bigint, cause FROM was),
     told AS (INSERT INTO notification (image_id, old, new, cause)
              SELECT $1::bigint, was.verdict, v.verdict, was.cause FROM was, verdict v
               WHERE v.image_state_id = $2::bigint AND v.scope = '' AND v.verdict <> was.verdict
                 AND EXISTS (SELECT 1 FROM notify_target WHERE removed_at IS NULL))
UPDATE image SET image_state_id = $2::bigint, dirty = false, reread = false, state = 'applied', reason = '',
       judged_at = coalesce(judged_at, (SELECT now() FROM verdict v WHERE v.image_state_id = $2::bigint AND v.scope = ''))	-- content that is known
 WHERE id = $1::bigint;

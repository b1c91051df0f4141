-- image_applied: an image has its state; its repositories are counted anew when it is another one, and
-- who wants to know is told when that has another verdict.
-- $1 bigint image, $2 bigint image_state
WITH came AS MATERIALIZED (
	SELECT coalesce(p.verdict, '') AS old, v.verdict AS new, CASE WHEN i.reread AND i.image_state_id IS NOT NULL THEN 'analyzers' ELSE 'new_inventory' END AS cause
	  FROM image i
	  LEFT JOIN verdict v ON v.image_state_id = $2::bigint AND v.scope = ''
	  LEFT JOIN LATERAL (	-- the last content that had one
		SELECT pv.verdict FROM image_state_history h JOIN verdict pv ON pv.image_state_id = h.image_state_id AND pv.scope = ''
		 WHERE h.image_id = i.id ORDER BY h.since DESC LIMIT 1) p ON true
	 WHERE i.id = $1::bigint AND i.image_state_id IS DISTINCT FROM $2::bigint),
     due AS (INSERT INTO repository_due SELECT ri.repository_id FROM repository_image ri, came WHERE ri.image_id = $1::bigint AND ri.gone_at IS NULL),
     history AS (INSERT INTO image_state_history (image_id, image_state_id, old, new, cause) SELECT $1::bigint, $2::bigint, old, new, cause FROM came),
     told AS (INSERT INTO notification (image_id, old, new, cause)
              SELECT $1::bigint, old, new, cause FROM came
               WHERE new <> old AND EXISTS (SELECT 1 FROM notify_target WHERE removed_at IS NULL))
UPDATE image SET image_state_id = $2::bigint, dirty = false, reread = false, state = 'applied', reason = '',
       judged_at = coalesce(judged_at, (SELECT now() FROM verdict v WHERE v.image_state_id = $2::bigint AND v.scope = ''))	-- content that is known
 WHERE id = $1::bigint;

-- page_images: images by name, the last pushed first; without a verdict asked for the tags alone, else each platform.
-- $1 text in the name ('' = all), $2 verdict ('' = all), $3 bigint rows
-- returns  reference, digest, verdict, platform, counts, distribution, times
WITH pick AS (
	SELECT r.image_id, r.reference, i.pushed_at
	  FROM dashboard.reference r JOIN image i ON i.id = r.image_id
	  LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
	 WHERE ($1 = '' OR strpos(lower(r.reference), lower($1)) > 0)
	   AND CASE WHEN $2 = '' THEN NOT r.by_index AND i.state <> 'not_applicable'
	            ELSE i.kind <> 'index' AND CASE WHEN i.state = 'failed' THEN 'unknown' ELSE v.verdict END = $2 END
	 ORDER BY i.pushed_at DESC NULLS LAST, r.reference LIMIT $3::bigint)
SELECT i.reference, i.digest, coalesce(i.verdict, CASE i.state WHEN 'not_applicable' THEN 'not applicable' ELSE 'waiting' END) AS verdict,
       CASE i.kind WHEN 'index' THEN 'index' ELSE i.platform END AS platform, i.distribution, i.packages,
       i.critical, i.high, i.medium, i.low + i.negligible AS low, i.unknown,
       to_char(i.pushed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS pushed, i.push_to_verdict_s
  FROM pick p JOIN dashboard.image i USING (image_id, reference)
 ORDER BY p.pushed_at DESC NULLS LAST, i.reference;

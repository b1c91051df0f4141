-- page_images: images by name, the last pushed first; without a verdict asked for the tags alone, else each platform.
-- Where not enough of those pushed last are asked for, all that could be meant: names are made for these only.
-- $1 text in the name ('' = all), $2 verdict ('' = all), $3 bigint rows
-- returns  reference, digest, verdict, platform, counts, distribution, times
WITH late AS MATERIALIZED (
	SELECT r.image_id, r.reference, i.pushed_at
	  FROM (SELECT id, kind, state, image_state_id, pushed_at FROM image ORDER BY pushed_at DESC NULLS LAST LIMIT 5000) i
	  CROSS JOIN LATERAL (SELECT * FROM dashboard.reference x WHERE x.image_id = i.id OFFSET 0) r
	 WHERE ($1 = '' OR strpos(lower(r.reference), lower($1)) > 0)
	   AND CASE WHEN $2 = '' THEN NOT r.by_index AND i.state <> 'not_applicable'
	            ELSE i.kind <> 'index' AND $2 = CASE WHEN i.state = 'failed' THEN 'unknown' ELSE (
	                SELECT v.verdict FROM verdict v WHERE v.image_state_id = i.image_state_id AND v.scope = '') END END
	 ORDER BY i.pushed_at DESC NULLS LAST, r.reference LIMIT $3::bigint),
repo AS MATERIALIZED (
	SELECT r.id, lower(g.name || '/' || r.name) AS name FROM repository r JOIN registry g ON g.id = r.registry_id
	 WHERE (SELECT count(*) < $3::bigint FROM late) AND $1 <> ''),
tagged AS MATERIALIZED (	-- with this name, or part of it in the repository's
	SELECT t.image_id FROM repo JOIN (SELECT repository_id, image_id, tag FROM tag_history WHERE gone_at IS NULL OFFSET 0) t ON t.repository_id = repo.id
	 WHERE strpos(repo.name || ':' || lower(t.tag), lower($1)) > 0),
meant AS MATERIALIZED (
	SELECT image_id AS id FROM tagged
	UNION SELECT c.child_id FROM tagged JOIN index_child c ON c.index_id = tagged.image_id
	UNION SELECT ri.image_id FROM repo JOIN repository_image ri ON ri.repository_id = repo.id WHERE strpos(repo.name, lower($1)) > 0
	UNION SELECT i.id FROM image i WHERE (SELECT count(*) < $3::bigint FROM late) AND $1 ~ '[0-9a-fA-F]{4}$'
	         AND strpos('@sha256:' || encode(i.digest, 'hex'), lower(substring($1 FROM '@?[^@]*$'))) > 0
	UNION SELECT i.id FROM image i LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
	       WHERE (SELECT count(*) < $3::bigint FROM late) AND $1 = '' AND ($2 = '' OR CASE WHEN i.state = 'failed' THEN 'unknown' ELSE v.verdict END = $2)),
rest AS MATERIALIZED (
	SELECT r.image_id, r.reference, i.pushed_at
	  FROM meant CROSS JOIN LATERAL (SELECT x.*, v.verdict FROM image x LEFT JOIN verdict v ON v.image_state_id = x.image_state_id AND v.scope = ''
	                                  WHERE x.id = meant.id OFFSET 0) i
	  CROSS JOIN LATERAL (SELECT * FROM dashboard.reference x WHERE x.image_id = i.id OFFSET 0) r
	 WHERE ($1 = '' OR strpos(lower(r.reference), lower($1)) > 0)
	   AND CASE WHEN $2 = '' THEN NOT r.by_index AND i.state <> 'not_applicable'
	            ELSE i.kind <> 'index' AND CASE WHEN i.state = 'failed' THEN 'unknown' ELSE i.verdict END = $2 END
	 ORDER BY i.pushed_at DESC NULLS LAST, r.reference LIMIT $3::bigint),
pick AS MATERIALIZED (SELECT * FROM late UNION SELECT * FROM rest ORDER BY pushed_at DESC NULLS LAST, reference LIMIT $3::bigint)
SELECT i.reference, i.digest, coalesce(i.verdict, CASE i.state WHEN 'not_applicable' THEN 'not applicable' ELSE 'waiting' END) AS verdict,
       CASE i.kind WHEN 'index' THEN 'index' ELSE i.platform END AS platform, i.distribution, i.packages,
       i.critical, i.high, i.medium, i.low + i.negligible AS low, i.unknown,
       to_char(i.pushed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS pushed, i.push_to_verdict_s
  FROM pick p CROSS JOIN LATERAL (SELECT * FROM dashboard.image x WHERE x.image_id = p.image_id AND x.reference = p.reference OFFSET 0) i
 ORDER BY p.pushed_at DESC NULLS LAST, i.reference;

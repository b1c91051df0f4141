-- api_verdict_as_of: what a name pointed to at a time, and the verdict of each platform then.
-- $1 host or registry name ('' = any), $2 repository, $3 tag ('' = none), $4 bytea digest or null, $5 timestamptz
-- returns  JSON
WITH RECURSIVE named AS (
	SELECT i.id FROM image i WHERE $4::bytea IS NOT NULL AND i.digest = $4::bytea
	UNION ALL
	(SELECT t.image_id FROM tag_history t JOIN repository r ON r.id = t.repository_id JOIN registry g ON g.id = r.registry_id
	 WHERE $4::bytea IS NULL AND t.tag = $3 AND t.first_seen <= $5::timestamptz AND (t.gone_at IS NULL OR t.gone_at > $5::timestamptz)
	   AND (g.removed_at IS NULL OR g.removed_at > $5::timestamptz) AND ((r.name = $2 AND lower($1) = ANY (g.names))
	       OR ($1 = 'docker.io' AND $2 = g.name || '/' || r.name))
	 ORDER BY r.name <> $2, g.id LIMIT 1)),
tree AS (
	SELECT id FROM named
	UNION SELECT c.child_id FROM index_child c JOIN tree t ON t.id = c.index_id WHERE NOT c.attestation),
each AS (
	SELECT i.id, 'sha256:' || encode(i.digest, 'hex') AS digest,
	       concat_ws('/', nullif(i.os, ''), nullif(i.architecture, ''), nullif(i.variant, '')) AS platform,
	       coalesce(v.verdict, CASE WHEN i.state = 'failed' THEN 'unknown' END) AS verdict, v.since, v.cause, v.because
	  FROM tree t JOIN image i ON i.id = t.id AND (i.kind <> 'index' OR i.state = 'failed') AND i.state <> 'not_applicable'
	  LEFT JOIN LATERAL dashboard.image_verdict_as_of(t.id, $5::timestamptz) v ON true),
-- as dashboard.image: one that fails is enough, else all must have a verdict
worst AS (SELECT * FROM each ORDER BY CASE verdict WHEN 'fail' THEN 1 WHEN 'unknown' THEN 3 WHEN 'pass' THEN 4 ELSE 2 END, since LIMIT 1)
SELECT json_build_object('as_of', $5::timestamptz, 'digest', 'sha256:' || encode(i.digest, 'hex'), 'kind', i.kind,
	'verdict', w.verdict, 'since', w.since, 'cause', w.cause, 'because', w.because,
	'platforms', (SELECT coalesce(json_agg(json_build_object('digest', digest, 'platform', platform, 'verdict', verdict, 'since', since,
		'cause', cause, 'because', because) ORDER BY platform, digest), '[]') FROM each))::text
  FROM named n JOIN image i ON i.id = n.id LEFT JOIN worst w ON true;

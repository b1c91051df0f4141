-- notify_digest: what a target is told of very many changes at once: of each image only what it was before all of them and
-- what it is after, summed up by what happened.
-- $1 bigint the last one delivered, $2 bigint rows at most, $3 boolean first verdicts other than fail too, $4 name of the target
-- returns  the last notification looked at, how many changes are told, JSON
WITH n AS MATERIALIZED (SELECT * FROM notification WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint),
     each AS (
	SELECT n.id, n.at, n.old, n.new, n.cause, n.reference, coalesce(n.image_id, i.id) AS image_id
	  FROM n LEFT JOIN image i ON n.image_id IS NULL AND i.image_state_id = n.image_state_id),
     net AS MATERIALIZED (
	SELECT image_id, (array_agg(old ORDER BY id))[1] AS old, (array_agg(new ORDER BY id DESC))[1] AS new,
	       (array_agg(cause ORDER BY id DESC))[1] AS cause, (array_agg(reference ORDER BY id DESC))[1] AS reference, max(id) AS id, max(at) AS at
	  FROM each WHERE image_id IS NOT NULL GROUP BY image_id),
     named AS MATERIALIZED (
	SELECT net.*, r.reference AS name, r.digest, r.platform
	  FROM net JOIN dashboard.reference r ON r.image_id = net.image_id
	 WHERE net.old <> net.new AND ($3::boolean OR net.old <> '' OR net.new = 'fail')),
     placed AS (SELECT named.*, row_number() OVER (PARTITION BY old, new, cause, reference ORDER BY name, digest) AS place FROM named),
     told AS MATERIALIZED (
	SELECT old, new, cause, reference, count(DISTINCT image_id) AS images, max(id) AS id, max(at) AS at,
	       json_agg(json_build_object('reference', name, 'digest', digest, 'platform', platform) ORDER BY name, digest)
	       FILTER (WHERE place <= 50) AS refs
	  FROM placed GROUP BY 1, 2, 3, 4 ORDER BY images DESC LIMIT 500)
SELECT (SELECT max(id) FROM n), (SELECT count(*) FROM told),
       json_build_object('type', 'scanfarm.verdicts', 'target', $4::text, 'from', $1::bigint + 1, 'to', (SELECT max(id) FROM n), 'sent_at', now(), 'digest', true,
	'images', (SELECT count(DISTINCT image_id) FROM named),
	'changes', (SELECT coalesce(json_agg(json_build_object('id', id, 'at', at, 'old', old, 'new', new, 'cause', cause, 'because', reference,
		'images', images, 'references', refs) ORDER BY images DESC, id), '[]') FROM told))::text;

-- notify_changes: what a target is told, change by change.
-- $1 bigint the last one delivered, $2 bigint rows at most, $3 boolean first verdicts other than fail too, $4 name of the target
-- returns  the last notification looked at, how many changes are told, JSON
WITH n AS MATERIALIZED (SELECT * FROM notification WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint),
     told AS MATERIALIZED (
	SELECT n.id, n.at, n.old, n.new, n.cause, n.reference, r.images, r.refs
	  FROM n
	  CROSS JOIN LATERAL (
		SELECT count(DISTINCT x.image_id) AS images,
		       json_agg(json_build_object('reference', x.reference, 'digest', x.digest, 'platform', x.platform) ORDER BY x.reference, x.digest)
		       FILTER (WHERE x.place <= 50) AS refs
		  FROM (SELECT r.*, row_number() OVER (ORDER BY r.reference, r.digest) AS place
		          FROM (SELECT i.id FROM image i WHERE i.id = n.image_id
		                UNION ALL SELECT i.id FROM image i WHERE n.image_id IS NULL AND i.image_state_id = n.image_state_id) i
		          JOIN dashboard.reference r ON r.image_id = i.id) x) r
	 WHERE ($3::boolean OR n.old <> '' OR n.new = 'fail') AND r.images > 0)
SELECT (SELECT max(id) FROM n), (SELECT count(*) FROM told),
       json_build_object('type', 'scanfarm.verdicts', 'target', $4::text, 'from', $1::bigint + 1, 'to', (SELECT max(id) FROM n), 'sent_at', now(), 'digest', false,
	'changes', (SELECT coalesce(json_agg(json_build_object('id', id, 'at', at, 'old', old, 'new', new, 'cause', cause, 'because', reference,
		'images', images, 'references', refs) ORDER BY id), '[]') FROM told))::text;

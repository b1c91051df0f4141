-- api_changes: verdicts that changed since a time, under the names of now, the newest first.
-- $1 timestamptz, $2 bigint rows
-- returns  JSON; more = there are older ones
WITH c AS MATERIALIZED (
	SELECT at, reference, platform, digest, old, new, cause, because FROM dashboard.verdict_change
	 WHERE at >= $1::timestamptz ORDER BY at DESC, reference, digest LIMIT $2::bigint + 1),
n AS (SELECT *, row_number() OVER (ORDER BY at DESC, reference, digest) AS place FROM c)
SELECT json_build_object('since', $1::timestamptz, 'more', (SELECT count(*) > $2::bigint FROM c),
	'changes', coalesce(json_agg(json_build_object('at', at, 'reference', reference, 'platform', platform, 'digest', digest, 'old', old,
		'new', new, 'cause', cause, 'because', because) ORDER BY place) FILTER (WHERE place <= $2::bigint), '[]'))::text FROM n;

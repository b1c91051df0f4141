-- api_status: the farm at a glance.
-- $1 json of farm_counts
SELECT ($1::jsonb || jsonb_build_object(
	'leader', (SELECT holder FROM leader), 'leader_heartbeat_s', (SELECT extract(epoch FROM now() - heartbeat_at) FROM leader),
	'inbox_open', (SELECT count(*) FROM inbox WHERE processed_at IS NULL),
	'jobs_open', (SELECT count(*) FROM job), 'jobs_waiting', (SELECT count(*) FROM job WHERE not_before > now()),
	'tags_unresolved', (SELECT count(*) FROM dashboard.unresolved),
	'events_refused', (SELECT count(*) FROM inbox WHERE error <> ''),
	'revision', (SELECT revision FROM farm),
	'feed_sources', coalesce((SELECT json_agg(json_build_object('farm', farm, 'revision', revision, 'imported_at', imported_at) ORDER BY farm)
		FROM feed_source), '[]'),
	'unmatched', (SELECT count(*) FROM package WHERE NOT matched) + (SELECT count(*) FROM advisory WHERE changed)
		+ (SELECT count(*) FROM image_state WHERE NOT matched) + (SELECT count(*) FROM rejudge) + (SELECT count(*) FROM image WHERE dirty),
	'audit', (SELECT json_build_object('ended_at', ended_at, 'differences', differences, 'rows', rows, 'error', error)
		FROM audit_run WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1),
	'workers', coalesce((SELECT json_agg(json_build_object('name', name, 'slots', slots, 'in_flight', in_flight, 'jobs_done', jobs_done,
		'bytes_read', bytes_read, 'seen_s', extract(epoch FROM now() - last_seen)) ORDER BY name)
		FROM worker WHERE last_seen > now() - interval '20 s'), '[]')))::text;

-- api_metrics: Prometheus text.
-- $1 json of farm_counts
SELECT string_agg(line, E'\n' ORDER BY line) || E'\n' FROM (
	SELECT 'scanfarm_jobs_open ' || count(*) AS line FROM job
	UNION ALL SELECT 'scanfarm_inbox_open ' || count(*) FROM inbox WHERE processed_at IS NULL
	UNION ALL SELECT 'scanfarm_layers_analysed_total ' || ($1::json ->> 'analyses')
	UNION ALL SELECT 'scanfarm_layers_outdated ' || ($1::json ->> 'layers_outdated')
	UNION ALL SELECT 'scanfarm_layers_not_reread ' || ($1::json ->> 'layers_not_reread')
	UNION ALL SELECT 'scanfarm_workers ' || count(*) FROM worker WHERE last_seen > now() - interval '15 seconds'
	UNION ALL (SELECT 'scanfarm_audit_differences ' || differences FROM audit_run WHERE ended_at IS NOT NULL AND error = '' ORDER BY id DESC LIMIT 1)
	UNION ALL SELECT 'scanfarm_feed_documents_missing{feed="' || name || '"} ' || missing FROM feed WHERE removed_at IS NULL
	UNION ALL SELECT 'scanfarm_images{verdict="' || key || '"} ' || value FROM json_each_text($1::json -> 'verdicts')
	UNION ALL SELECT 'scanfarm_feed_age_seconds{feed="' || name || '"} ' || extract(epoch FROM now() - imported_at)::bigint
		FROM feed WHERE imported_at IS NOT NULL AND NOT starts_with(name, 'frozen/')) x;

-- 0015_sweep: how long what is past is kept.  kept_since(): what went before that is
-- swept; settings keep_events_days, keep_history_days, keep_images_days; 0 = for ever
-- (NULL, with which no time compares).
CREATE FUNCTION kept_since(kind text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT now() - make_interval(days => nullif(coalesce(
		(SELECT substring(convert_from(value, 'UTF8') FROM '^\d{1,6}$')::integer FROM setting WHERE name = 'keep_' || kind || '_days'),
		CASE kind WHEN 'events' THEN 7 WHEN 'history' THEN 400 ELSE 90 END), 0)) $$;
CREATE INDEX tag_history_gone ON tag_history (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX image_state_history_state ON image_state_history (image_state_id);
CREATE INDEX image_state_history_since ON image_state_history USING brin (since);
CREATE INDEX verdict_ledger_at ON verdict_ledger USING brin (at);

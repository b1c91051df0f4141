-- farm_counts: what is counted over all rows of the farm; dear in a large one, so coordinator/farm_counts.h keeps it.
-- returns  JSON
SELECT json_build_object('counted_at', now(), 'images', i.images, 'images_judged', i.judged, 'images_failed', i.failed, 'images_waiting', i.waiting,
	'verdicts', json_build_object('pass', i.pass, 'fail', i.fail, 'unknown', i.failed + i.unknown),
	'layers', l.layers, 'layers_analysed', l.analysed, 'analyses', l.analyses, 'layer_uses', (SELECT count(*) FROM image_layer),
	'layers_outdated', (SELECT waiting FROM dashboard.queue WHERE kind = 'reread'),
	'layers_not_reread', (SELECT count(*) FROM layer WHERE reread_error <> ''),
	'packages', (SELECT count(*) FROM package), 'advisories', (SELECT count(*) FROM advisory), 'findings', (SELECT count(*) FROM finding))::text
  FROM (SELECT count(*) FILTER (WHERE m.kind = 'image') AS images, count(m.judged_at) AS judged, count(*) FILTER (WHERE m.state = 'failed') AS failed,
               count(*) FILTER (WHERE m.state NOT IN ('failed', 'not_applicable') AND v.verdict IS NULL AND m.kind IN ('unresolved', 'image')) AS waiting,
               count(*) FILTER (WHERE m.state <> 'failed' AND v.verdict = 'pass') AS pass,
               count(*) FILTER (WHERE m.state <> 'failed' AND v.verdict = 'fail') AS fail,
               count(*) FILTER (WHERE m.state <> 'failed' AND v.verdict = 'unknown') AS unknown
          FROM image m LEFT JOIN verdict v ON v.image_state_id = m.image_state_id AND v.scope = '') i,
       (SELECT count(*) AS layers, count(*) FILTER (WHERE analyses > 0) AS analysed, coalesce(sum(analyses), 0) AS analyses FROM layer) l;

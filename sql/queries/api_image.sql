-- api_image: one image with its verdict, layers and findings; of an index, its
-- worst child that is an image, or an index that cannot be read; of a tag that its registry does not tell, why.
-- $1 host or registry name ('' = any), $2 repository, $3 tag ('' = none), $4 bytea digest or null,
-- $5 os, $6 architecture ('' = every platform), $7 variant ('' = any), $8 boolean hidden findings, too
-- returns  JSON, bigint image state or null; open = what is under way may come to another verdict
WITH RECURSIVE named AS (
	SELECT i.id FROM image i WHERE $4::bytea IS NOT NULL AND i.digest = $4::bytea
	UNION ALL
	(SELECT t.image_id FROM tag_history t JOIN repository r ON r.id = t.repository_id JOIN registry g ON g.id = r.registry_id
	 WHERE $4::bytea IS NULL AND t.gone_at IS NULL AND t.tag = $3
	   AND g.removed_at IS NULL AND ((r.name = $2 AND lower($1) = ANY (g.names))
	       OR ($1 = 'docker.io' AND $2 = g.name || '/' || r.name))	-- NAME/REPOSITORY has no host
	 ORDER BY r.name <> $2, g.id LIMIT 1)),	-- as scan_request chooses among registries
tree AS (
	SELECT n.id, '' AS os, '' AS architecture, '' AS variant FROM named n
	UNION SELECT c.child_id, c.os, c.architecture, c.variant FROM index_child c JOIN tree t ON t.id = c.index_id WHERE NOT c.attestation),
fitting AS (	-- of the platform asked for, by its index, which a runtime goes by, or by its config; what is not resolved yet may turn out to be
	SELECT DISTINCT t.id FROM tree t JOIN image i ON i.id = t.id
	 WHERE $6 = '' OR (i.kind = 'unresolved' AND t.architecture = '') OR (i.kind = 'index' AND i.state = 'failed') OR (i.kind <> 'index'
	   AND EXISTS (SELECT 1 FROM (VALUES (t.os, t.architecture, t.variant), (i.os, i.architecture, i.variant)) p(os, architecture, variant)
	                WHERE p.os IN ($5, '') AND p.architecture = $6 AND $7 IN ('', p.variant)))),
one AS (
	SELECT i.*, v.verdict, w.waiting
	  FROM fitting JOIN image i USING (id)
	  LEFT JOIN LATERAL (	-- an import that the matcher has not come to yet
		SELECT array_agg(n.namespace ORDER BY n.namespace) AS waiting
		  FROM image_state s JOIN namespace_waiting n ON n.namespace = ANY (s.namespaces) WHERE s.id = i.image_state_id) w ON true
	  LEFT JOIN LATERAL (
		SELECT CASE WHEN v.verdict = 'pass' AND w.waiting IS NOT NULL THEN 'unknown' ELSE v.verdict END AS verdict
		  FROM verdict v WHERE v.image_state_id = i.image_state_id AND v.scope = '') v ON true
	 ORDER BY i.kind = 'index' AND i.state <> 'failed', CASE WHEN i.state IN ('new', 'resolved') AND i.kind <> 'index' THEN 0 WHEN v.verdict = 'fail' THEN 1
	          WHEN i.state = 'failed' OR v.verdict = 'unknown' THEN 2 WHEN i.state = 'not_applicable' THEN 4 ELSE 3 END, i.id
	 LIMIT 1),
behind AS (	-- what came for a feed that was matched before
	SELECT DISTINCT n.feed FROM one JOIN image_state s ON s.id = one.image_state_id JOIN feed_namespace n ON n.namespace = ANY (s.namespaces)
	 WHERE n.matched AND EXISTS (SELECT 1 FROM advisory a WHERE a.feed = n.feed AND a.changed) ORDER BY 1),
untold AS (
	SELECT e.reason, e.at FROM tag_error e JOIN repository r ON r.id = e.repository_id JOIN registry g ON g.id = r.registry_id
	 WHERE $4::bytea IS NULL AND e.tag = $3
	   AND g.removed_at IS NULL AND r.gone_at IS NULL AND ((r.name = $2 AND lower($1) = ANY (g.names))
	       OR ($1 = 'docker.io' AND $2 = g.name || '/' || r.name))
	 ORDER BY r.name <> $2, g.id LIMIT 1)
SELECT json_build_object(
	'digest', 'sha256:' || encode(one.digest, 'hex'), 'kind', one.kind, 'state', one.state,
	'platforms', (SELECT coalesce(json_agg('sha256:' || encode(i.digest, 'hex') ORDER BY i.id), '[]') FROM fitting JOIN image i USING (id)
		WHERE i.kind <> 'index' AND i.state <> 'not_applicable'),	-- each is judged anew by who has a policy of his own
	'open', EXISTS (SELECT 1 FROM (SELECT id FROM fitting UNION ALL SELECT id FROM named) f JOIN image i USING (id)
		 WHERE (i.dirty AND NOT i.reread) OR EXISTS (SELECT 1 FROM job j WHERE j.image_id = i.id)
		    OR EXISTS (SELECT 1 FROM image_layer il JOIN layer l ON l.id = il.layer_id JOIN job j ON j.layer_id = il.layer_id AND j.kind = 'layer' AND NOT j.reread
				WHERE il.image_id = i.id AND (l.state = 'new' OR (NOT l.hashed AND il.position > 0)))),	-- not what only another image wants
	'os', one.os, 'architecture', one.architecture,
	'distribution', trim(st.os_id || ' ' || st.os_version), 'distribution_confidence', st.os_confidence,
	'verdict', CASE WHEN one.state = 'failed' OR one.kind = 'index' THEN 'unknown' ELSE one.verdict END,
	'reasons', CASE WHEN one.state IN ('failed', 'not_applicable') THEN json_build_array(one.reason)
		WHEN one.kind = 'index' THEN json_build_array('the index names no image') ELSE coalesce(
		(SELECT json_agg(w.reason ORDER BY w.position) FROM dashboard.verdict_reason w
		  WHERE w.image_state_id = one.image_state_id AND w.position <= 200 AND one.verdict IN ('fail', 'unknown')),
		(SELECT json_agg('packages of ' || n || ': their advisories wait to be matched for the first time')
		   FROM unnest(one.waiting) n WHERE one.verdict = 'unknown'), '[]') END,
	'notes', to_json(coalesce(st.notes, '{}') || ARRAY(SELECT sum(cardinality(ps.packages)) || ' ' || c.gap
			FROM package_set ps JOIN coverage c ON c.id = ps.coverage_id
			WHERE ps.id = ANY (st.sets) AND c.gap <> '' AND NOT c.weighs GROUP BY c.id, c.gap ORDER BY c.gap)
		|| ARRAY(SELECT 'advisories of ' || feed || ' wait to be matched' FROM behind)
		|| ARRAY(SELECT 'the registry was asked again where the tag points, without an answer: ' || reason FROM untold)),
	'base', (SELECT json_build_object('digest', b.base_digest, 'names', coalesce(b.base_names, '{}'), 'layers', b.base_layers)
		FROM dashboard.base_image b WHERE b.image_id = one.id),
	'pushed_at', one.pushed_at, 'judged_at', one.judged_at,
	'push_to_verdict_s', round(extract(epoch FROM one.judged_at - one.pushed_at)::numeric, 3),
	'packages', (SELECT coalesce(sum(cardinality(ps.packages)), 0) FROM package_set ps WHERE ps.id = ANY (st.sets)),
	'layers', coalesce((SELECT json_agg(json_build_object('position', il.position, 'digest', 'sha256:' || encode(l.digest, 'hex'),
		'size', il.size, 'state', l.state, 'created_by', il.created_by, 'analyses', l.analyses,
		'first_image', il.image_id = (SELECT min(x.image_id) FROM image_layer x WHERE x.layer_id = l.id)) ORDER BY il.position)
		FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = one.id), '[]'),
	'findings', coalesce((SELECT json_agg(json_strip_nulls(json_build_object('vulnerability', v.name, 'severity',
		(ARRAY['unknown','negligible','low','medium','high','critical'])[f.severity + 1], 'type', p.type, 'package', p.name,
		'version', p.version, 'fixed_version', f.fixed_version, 'status', f.status, 'advisory', a.name, 'layer', s.position,
		'hidden', nullif(f.hidden, false), 'kev', k.cve IS NOT NULL, 'kev_due', k.due, 'kev_ransomware', k.ransomware, 'epss', e.score, 'epss_percentile', e.percentile,
		'reason', f.reason, 'fix_state', f.fix_state,
		'severity_upstream', (ARRAY['unknown','negligible','low','medium','high','critical'])[f.severity_worst + 1]))
		ORDER BY f.severity DESC, k.cve IS NULL, v.name, p.name, s.position)
		FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
		JOIN finding f ON f.package_id = member JOIN package p ON p.id = f.package_id
		JOIN vulnerability v ON v.id = f.vulnerability_id JOIN advisory a ON a.id = f.advisory_id
		LEFT JOIN kev k ON k.cve = v.name LEFT JOIN epss e ON e.cve = v.name
		WHERE s.image_id = one.id AND ($8::boolean OR NOT f.hidden)), '[]'),
	'hidden', (SELECT count(*) FROM image_set s JOIN package_set ps ON ps.id = s.set_id JOIN LATERAL unnest(ps.packages) member ON true
		JOIN finding f ON f.package_id = member WHERE s.image_id = one.id AND f.hidden))::text, one.image_state_id
  FROM one LEFT JOIN image_state st ON st.id = one.image_state_id
UNION ALL
SELECT json_build_object('digest', '', 'kind', 'unresolved', 'state', 'failed', 'verdict', 'unknown', 'reasons', json_build_array(reason),
	'notes', '[]'::json, 'packages', 0, 'layers', '[]'::json, 'findings', '[]'::json)::text, NULL
  FROM untold WHERE NOT EXISTS (SELECT 1 FROM one);

-- image: every image and index that a repository holds, under each of its names.
-- Attestations inside an index are left out.  An index is as bad as its worst platform, of indexes within it too; it has no
-- verdict before all have.
CREATE VIEW dashboard.image AS
SELECT r.reference, r.registry, r.repository, r.tag, r.digest, r.platform, i.architecture, r.kind, i.state, i.reason,
       CASE WHEN i.state = 'failed' THEN 'unknown' WHEN i.kind = 'index' THEN p.verdict ELSE v.verdict END AS verdict,
       CASE WHEN p.empty THEN ARRAY['the index names no image'] WHEN i.state IN ('failed', 'not_applicable') THEN ARRAY[i.reason]
            WHEN v.verdict IN ('fail', 'unknown') THEN
                (SELECT coalesce(array_agg(w.reason ORDER BY w.position) FILTER (WHERE w.position <= 50), '{}')
                        || CASE WHEN count(*) > 50 THEN ARRAY['and ' || count(*) - 50 || ' more'] ELSE '{}' END
                   FROM dashboard.verdict_reason w WHERE w.image_state_id = s.id)
            ELSE '{}' END AS reasons,
       v.changed_at AS verdict_changed_at,
       CASE WHEN s.os_id <> '' THEN trim(s.os_id || ' ' || s.os_version) ELSE '' END AS distribution, s.incomplete,
       (SELECT count(*) FROM image_layer il WHERE il.image_id = i.id) AS layers, coalesce(n.packages, 0) AS packages, coalesce(n.critical, 0) AS critical, coalesce(n.high, 0) AS high,
       coalesce(n.medium, 0) AS medium, coalesce(n.low, 0) AS low, coalesce(n.negligible, 0) AS negligible,
       coalesce(n.unknown, 0) AS unknown, coalesce(n.fixable, 0) AS fixable,
       i.first_seen, i.pushed_at, i.judged_at,
       round(extract(epoch FROM i.judged_at - i.pushed_at)::numeric, 3) AS push_to_verdict_s, r.image_id, r.by_index,
       coalesce(s.os_confidence, '') AS distribution_confidence
  FROM dashboard.reference r
  JOIN image i ON i.id = r.image_id
  LEFT JOIN image_state s ON s.id = i.image_state_id
  LEFT JOIN verdict v ON v.image_state_id = s.id AND v.scope = ''
  LEFT JOIN LATERAL (
	SELECT sum(cardinality(ps.packages)) AS packages, sum(ss.critical) AS critical, sum(ss.high) AS high,
	       sum(ss.medium) AS medium, sum(ss.low) AS low, sum(ss.negligible) AS negligible, sum(ss.unknown) AS unknown,
	       sum(ss.fixable) AS fixable
	  FROM package_set ps LEFT JOIN set_summary ss ON ss.set_id = ps.id
	 WHERE ps.id = ANY (s.sets)) n ON true
  LEFT JOIN LATERAL (
	WITH RECURSIVE tree AS (
		SELECT i.id WHERE i.kind = 'index'
		UNION SELECT ic.child_id FROM tree t JOIN index_child ic ON ic.index_id = t.id AND NOT ic.attestation)
	SELECT CASE WHEN bool_or(cv.verdict = 'fail') THEN 'fail'
	            WHEN bool_or(c.state <> 'failed' AND cv.verdict IS NULL) THEN NULL
	            WHEN bool_or(c.state = 'failed' OR cv.verdict = 'unknown') OR count(a.id) = 0 THEN 'unknown'
	            WHEN count(c.id) > 0 THEN 'pass' END AS verdict,
	       i.kind = 'index' AND i.state <> 'failed' AND count(a.id) = 0 AS empty
	  FROM tree t
	  LEFT JOIN image a ON a.id = t.id AND (a.kind <> 'index' OR a.state = 'failed')
	  LEFT JOIN image c ON c.id = a.id AND c.state <> 'not_applicable'
	  LEFT JOIN verdict cv ON cv.image_state_id = c.image_state_id AND cv.scope = '') p ON true
 WHERE NOT (r.by_index AND i.state = 'not_applicable');

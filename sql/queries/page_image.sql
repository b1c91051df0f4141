-- page_image: one image under each of its names.
-- $1 bytea digest
SELECT i.reference, coalesce(i.verdict, CASE i.state WHEN 'not_applicable' THEN 'not applicable' ELSE 'waiting' END) AS verdict,
       i.kind, i.platform, i.distribution, i.packages, i.critical, i.high, i.medium, i.low, i.negligible, i.unknown,
       to_char(i.pushed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS pushed, i.push_to_verdict_s,
       array_to_string(i.reasons, E'\n') AS reasons,
       (SELECT array_to_string(s.notes || ARRAY(SELECT sum(cardinality(ps.packages)) || ' ' || c.gap
	           FROM package_set ps JOIN coverage c ON c.id = ps.coverage_id
	          WHERE ps.id = ANY (s.sets) AND c.gap <> '' AND NOT c.weighs GROUP BY c.id, c.gap ORDER BY c.gap), E'\n')
	  FROM image m JOIN image_state s ON s.id = m.image_state_id WHERE m.id = i.image_id) AS notes
  FROM dashboard.image i WHERE i.image_id = (SELECT id FROM image WHERE digest = $1::bytea) ORDER BY i.reference LIMIT 100;

-- page_farm: one line about the farm.
SELECT count(*) FILTER (WHERE v.verdict = 'fail') AS fail,
       count(*) FILTER (WHERE i.state = 'failed' OR v.verdict = 'unknown') AS unknown,
       count(*) FILTER (WHERE v.verdict = 'pass') AS pass,
       count(*) FILTER (WHERE i.state <> 'failed' AND v.verdict IS NULL AND i.kind IN ('unresolved', 'image')) AS waiting,
       (SELECT count(*) FROM job) AS jobs, (SELECT count(*) FROM inbox WHERE processed_at IS NULL) AS events,
       (SELECT layers FROM dashboard.layer_reuse) AS layers, (SELECT uses FROM dashboard.layer_reuse) AS uses,
       (SELECT count(*) FROM package) AS packages, (SELECT count(*) FROM advisory) AS advisories,
       (SELECT count(*) FROM finding) AS findings, (SELECT holder FROM leader) AS leader
  FROM image i LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
 WHERE i.state <> 'not_applicable';

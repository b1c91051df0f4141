-- The dashboards' contract: columns are only ever added.  sql/README.md
-- describes each view.
CREATE VIEW dashboard.queue AS
SELECT j.kind, j.priority, count(*) AS jobs, count(*) FILTER (WHERE j.not_before > now()) AS waiting,
       max(j.attempt) AS most_attempts, min(j.created_at) AS oldest
  FROM job j GROUP BY j.kind, j.priority;

CREATE VIEW dashboard.worker AS
SELECT name, version, slots, in_flight, jobs_done, bytes_read, first_seen, last_seen,
       last_seen > now() - interval '15 seconds' AS connected FROM worker;

CREATE VIEW dashboard.feed AS
SELECT name, documents, malformed, unmatched, changed, imported_at,
       extract(epoch FROM now() - imported_at) AS age_s, malformed_names FROM feed;

CREATE VIEW dashboard.image AS
SELECT g.name || '/' || r.name || coalesce(':' || t.tag, '') AS reference, g.name AS registry, r.name AS repository, t.tag,
       'sha256:' || encode(i.digest, 'hex') AS digest, i.kind, i.state, i.architecture,
       trim(coalesce(s.os_id || ' ' || s.os_version, '')) AS distribution,
       CASE WHEN i.state = 'failed' THEN 'unknown' ELSE v.verdict END AS verdict,
       CASE WHEN i.state IN ('failed', 'not_applicable') THEN ARRAY[i.reason] ELSE v.reasons END AS reasons,
       c.critical, c.high, c.medium, c.low, c.negligible, c.unknown, c.fixable,
       i.pushed_at, i.judged_at, round(extract(epoch FROM i.judged_at - i.pushed_at)::numeric, 3) AS push_to_verdict_s,
       (SELECT count(*) FROM image_layer il WHERE il.image_id = i.id) AS layers
  FROM repository_image ri
  JOIN repository r ON r.id = ri.repository_id
  JOIN registry g ON g.id = r.registry_id
  JOIN image i ON i.id = ri.image_id
  LEFT JOIN tag_history t ON t.repository_id = r.id AND t.image_id = i.id AND t.gone_at IS NULL
  LEFT JOIN image_state s ON s.id = i.image_state_id
  LEFT JOIN verdict v ON v.image_state_id = s.id AND v.scope = ''
  LEFT JOIN LATERAL (SELECT sum(critical) AS critical, sum(high) AS high, sum(medium) AS medium, sum(low) AS low,
                            sum(negligible) AS negligible, sum(unknown) AS unknown, sum(fixable) AS fixable
                       FROM set_summary ss WHERE ss.set_id = ANY (s.sets)) c ON true
 WHERE ri.gone_at IS NULL AND i.kind <> 'index';

CREATE VIEW dashboard.finding AS
SELECT g.name || '/' || r.name || coalesce(':' || t.tag, '') AS reference, 'sha256:' || encode(i.digest, 'hex') AS digest,
       v.name AS vulnerability, (ARRAY['unknown','negligible','low','medium','high','critical'])[f.severity + 1] AS severity,
       f.severity AS severity_rank, p.type, p.name AS package, p.version, f.fixed_version, f.status, a.name AS advisory,
       s.position AS layer, il.created_by, f.first_seen
  FROM repository_image ri
  JOIN repository r ON r.id = ri.repository_id
  JOIN registry g ON g.id = r.registry_id
  JOIN image i ON i.id = ri.image_id
  LEFT JOIN tag_history t ON t.repository_id = r.id AND t.image_id = i.id AND t.gone_at IS NULL
  JOIN image_set s ON s.image_id = i.id
  JOIN package_set ps ON ps.id = s.set_id
  JOIN LATERAL unnest(ps.packages) member ON true
  JOIN finding f ON f.package_id = member
  JOIN package p ON p.id = f.package_id
  JOIN vulnerability v ON v.id = f.vulnerability_id
  JOIN advisory a ON a.id = f.advisory_id
  LEFT JOIN image_layer il ON il.image_id = i.id AND il.position = s.position
 WHERE ri.gone_at IS NULL;

CREATE VIEW dashboard.repository AS
SELECT g.name AS registry, r.name AS repository, s.images, s.failed, s.unknown_verdicts, s.critical, s.high, s.medium, s.low,
       s.negligible, s.unknown, s.as_of
  FROM repository r JOIN registry g ON g.id = r.registry_id LEFT JOIN repository_summary s ON s.repository_id = r.id
 WHERE r.gone_at IS NULL;

CREATE VIEW dashboard.exposure AS
SELECT v.name AS vulnerability, (ARRAY['unknown','negligible','low','medium','high','critical'])[max(f.severity) + 1] AS severity,
       count(DISTINCT s.image_id) AS images, count(DISTINCT f.package_id) AS packages
  FROM vulnerability v JOIN finding f ON f.vulnerability_id = v.id
  JOIN package_set ps ON ps.packages && ARRAY[f.package_id] JOIN image_set s ON s.set_id = ps.id
 GROUP BY v.name;

CREATE VIEW dashboard.verdict AS
SELECT 'sha256:' || encode(i.digest, 'hex') AS digest, v.scope, v.verdict, v.reasons, v.changed_at
  FROM verdict v JOIN image i ON i.image_state_id = v.image_state_id;

CREATE VIEW dashboard.verdict_change AS
SELECT l.at, 'sha256:' || encode(i.digest, 'hex') AS digest,
       coalesce((SELECT g.name || '/' || r.name || coalesce(':' || t.tag, '') FROM repository_image ri
          JOIN repository r ON r.id = ri.repository_id JOIN registry g ON g.id = r.registry_id
          LEFT JOIN tag_history t ON t.repository_id = r.id AND t.image_id = i.id AND t.gone_at IS NULL
         WHERE ri.image_id = i.id ORDER BY 1 LIMIT 1), '') AS reference,
       l.scope, l.old, l.new, l.cause, l.reference AS because
  FROM verdict_ledger l JOIN image i ON i.image_state_id = l.image_state_id;

CREATE VIEW dashboard.layer_reuse AS
SELECT (SELECT count(*) FROM layer) AS layers, (SELECT count(*) FROM image_layer) AS uses,
       (SELECT coalesce(sum(analyses), 0) FROM layer) AS analyses;

CREATE VIEW dashboard.coverage AS
SELECT p.namespace, p.type, count(*) AS packages,
       EXISTS (SELECT 1 FROM feed_namespace fn WHERE fn.namespace = p.namespace) AS has_feed
  FROM package p GROUP BY p.namespace, p.type;

CREATE VIEW dashboard.throughput AS
SELECT date_trunc('minute', analysed_at) AS minute, count(*) AS layers, sum(size) AS bytes
  FROM layer WHERE analysed_at > now() - interval '1 day' GROUP BY 1;

-- repository: counts of each repository, a few seconds behind ("as of").
CREATE VIEW dashboard.repository AS
SELECT g.name AS registry, r.name AS repository, coalesce(s.images, 0) AS images, coalesce(s.failed, 0) AS failed,
       coalesce(s.unknown_verdicts, 0) AS unknown_verdicts,
       coalesce(s.images - s.failed - s.unknown_verdicts, 0) AS passed,
       coalesce(s.critical, 0) AS critical, coalesce(s.high, 0) AS high, coalesce(s.medium, 0) AS medium,
       coalesce(s.low, 0) AS low, coalesce(s.negligible, 0) AS negligible, coalesce(s.unknown, 0) AS unknown,
       s.as_of, r.first_seen, r.last_seen
  FROM repository r
  JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL
  LEFT JOIN repository_summary s ON s.repository_id = r.id
 WHERE r.gone_at IS NULL;

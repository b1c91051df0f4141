-- verdict: the farm's judgement of every image under each of its names.
CREATE VIEW dashboard.verdict AS
SELECT reference, registry, repository, tag, digest, platform, '' AS scope, verdict, reasons,
       verdict_changed_at AS changed_at, pushed_at, judged_at
  FROM dashboard.image
 WHERE kind IN ('image', 'index') OR state = 'failed'
UNION ALL	-- a tag that has no image here because its registry does not tell: not clean
SELECT reference, registry, repository, tag, NULL, '', '', 'unknown', ARRAY[reason], at, NULL, NULL
  FROM dashboard.unresolved WHERE NOT known_before;

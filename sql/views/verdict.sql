-- verdict: the farm's judgement of every image under each of its names.
CREATE VIEW dashboard.verdict AS
SELECT reference, registry, repository, tag, digest, platform, '' AS scope, verdict, reasons,
       verdict_changed_at AS changed_at, pushed_at, judged_at
  FROM dashboard.image
 WHERE kind IN ('image', 'index') OR state = 'failed';

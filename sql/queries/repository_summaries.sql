-- repository_summaries: counts of the repositories that hold the states.
-- $1 bigint[] states
INSERT INTO repository_summary (repository_id, images, failed, unknown_verdicts, critical, high, medium, low, negligible, unknown, as_of)
SELECT x.repository_id, count(DISTINCT x.image_id), count(DISTINCT x.image_id) FILTER (WHERE x.verdict = 'fail'),
       count(DISTINCT x.image_id) FILTER (WHERE x.verdict = 'unknown'), coalesce(sum(x.critical), 0), coalesce(sum(x.high), 0),
       coalesce(sum(x.medium), 0), coalesce(sum(x.low), 0), coalesce(sum(x.negligible), 0), coalesce(sum(x.unknown), 0), now()
  FROM (SELECT ri.repository_id, ri.image_id, v.verdict, ss.*
          FROM repository_image ri
          JOIN image i ON i.id = ri.image_id
          JOIN image_state st ON st.id = i.image_state_id
          LEFT JOIN verdict v ON v.image_state_id = st.id AND v.scope = ''
          LEFT JOIN set_summary ss ON ss.set_id = ANY (st.sets)
         WHERE ri.gone_at IS NULL AND ri.repository_id IN (
		SELECT r2.repository_id FROM repository_image r2 JOIN image i2 ON i2.id = r2.image_id
		 WHERE i2.image_state_id = ANY ($1::bigint[]))) x
 GROUP BY x.repository_id
ON CONFLICT (repository_id) DO UPDATE SET images = EXCLUDED.images, failed = EXCLUDED.failed,
       unknown_verdicts = EXCLUDED.unknown_verdicts, critical = EXCLUDED.critical, high = EXCLUDED.high, medium = EXCLUDED.medium,
       low = EXCLUDED.low, negligible = EXCLUDED.negligible, unknown = EXCLUDED.unknown, as_of = EXCLUDED.as_of;

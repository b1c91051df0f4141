-- repository_summaries: counts of repositories, after repository_sets.
-- $1 bigint[] repositories
INSERT INTO repository_summary (repository_id, images, failed, unknown_verdicts, critical, high, medium, low, negligible, unknown, as_of)
SELECT r.id, coalesce(v.images, 0), coalesce(v.failed, 0), coalesce(v.unknown, 0), coalesce(c.critical, 0), coalesce(c.high, 0),
       coalesce(c.medium, 0), coalesce(c.low, 0), coalesce(c.negligible, 0), coalesce(c.unknown, 0), now()
  FROM repository r
  LEFT JOIN (SELECT ri.repository_id, count(*) AS images, count(*) FILTER (WHERE v.verdict = 'fail') AS failed,
                    count(*) FILTER (WHERE v.verdict = 'unknown') AS unknown
               FROM repository_image ri
               JOIN image i ON i.id = ri.image_id AND i.image_state_id IS NOT NULL
               LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
              WHERE ri.gone_at IS NULL AND ri.repository_id = ANY ($1::bigint[]) GROUP BY 1) v ON v.repository_id = r.id
  LEFT JOIN (SELECT rs.repository_id, sum(rs.images * ss.critical) AS critical, sum(rs.images * ss.high) AS high,
                    sum(rs.images * ss.medium) AS medium, sum(rs.images * ss.low) AS low, sum(rs.images * ss.negligible) AS negligible,
                    sum(rs.images * ss.unknown) AS unknown
               FROM repository_set rs JOIN set_summary ss USING (set_id)
              WHERE rs.repository_id = ANY ($1::bigint[]) GROUP BY 1) c ON c.repository_id = r.id
 WHERE r.id = ANY ($1::bigint[])
ON CONFLICT (repository_id) DO UPDATE SET images = EXCLUDED.images, failed = EXCLUDED.failed,
       unknown_verdicts = EXCLUDED.unknown_verdicts, critical = EXCLUDED.critical, high = EXCLUDED.high, medium = EXCLUDED.medium,
       low = EXCLUDED.low, negligible = EXCLUDED.negligible, unknown = EXCLUDED.unknown, as_of = EXCLUDED.as_of;

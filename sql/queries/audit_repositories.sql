-- audit_repositories: counts of repositories that differ from a count of their images.
-- returns  how many differ, the first of them: key, stored, rebuilt
-- A repository that never held a judged image may have no row.
WITH s AS (SELECT ri.repository_id, count(*) AS images, count(*) FILTER (WHERE v.verdict = 'fail') AS failed,
                  count(*) FILTER (WHERE v.verdict = 'unknown') AS unknown_verdicts, sum(c.critical) AS critical, sum(c.high) AS high,
                  sum(c.medium) AS medium, sum(c.low) AS low, sum(c.negligible) AS negligible, sum(c.unknown) AS unknown
             FROM repository_image ri
             JOIN image i ON i.id = ri.image_id
             JOIN (SELECT st.id, coalesce(sum(ss.critical), 0) AS critical, coalesce(sum(ss.high), 0) AS high, coalesce(sum(ss.medium), 0) AS medium,
                          coalesce(sum(ss.low), 0) AS low, coalesce(sum(ss.negligible), 0) AS negligible, coalesce(sum(ss.unknown), 0) AS unknown
                     FROM image_state st LEFT JOIN LATERAL unnest(st.sets) m(set_id) ON true LEFT JOIN set_summary ss USING (set_id)
                    GROUP BY st.id) c ON c.id = i.image_state_id
             LEFT JOIN verdict v ON v.image_state_id = i.image_state_id AND v.scope = ''
            WHERE ri.gone_at IS NULL GROUP BY 1),
     n AS (SELECT repository_id, concat_ws(' ', images, failed, unknown_verdicts, critical, high, medium, low, negligible, unknown) AS says FROM s),
     o AS (SELECT repository_id, concat_ws(' ', images, failed, unknown_verdicts, critical, high, medium, low, negligible, unknown) AS says
             FROM repository_summary)
SELECT count(*) OVER (), 'repository ' || repository_id, o.says, n.says
  FROM n FULL JOIN o USING (repository_id)
 WHERE coalesce(n.says, '0 0 0 0 0 0 0 0 0') IS DISTINCT FROM coalesce(o.says, '0 0 0 0 0 0 0 0 0') LIMIT 100;

-- audit_repository_sets: how many images have each set, other than counted.
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (SELECT ri.repository_id, m.set_id, count(*)::integer AS images
             FROM repository_image ri JOIN image i ON i.id = ri.image_id JOIN image_state st ON st.id = i.image_state_id
             CROSS JOIN LATERAL unnest(st.sets) m(set_id)
            WHERE ri.gone_at IS NULL GROUP BY 1, 2)
SELECT count(*) OVER (), concat_ws(' ', 'repository', repository_id, 'set', set_id), rs.images, n.images
  FROM n FULL JOIN repository_set rs USING (repository_id, set_id) WHERE n.images IS DISTINCT FROM rs.images LIMIT 100;

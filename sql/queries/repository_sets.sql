-- repository_sets: how many present images of the repositories have each set.
-- $1 bigint[] repositories
WITH n AS MATERIALIZED (
	SELECT ri.repository_id, m.set_id, count(*)::integer AS images
	  FROM repository_image ri
	  JOIN image i ON i.id = ri.image_id
	  JOIN image_state st ON st.id = i.image_state_id
	  CROSS JOIN LATERAL unnest(st.sets) m(set_id)
	 WHERE ri.gone_at IS NULL AND ri.repository_id = ANY ($1::bigint[])
	 GROUP BY 1, 2),
     gone AS (DELETE FROM repository_set rs WHERE rs.repository_id = ANY ($1::bigint[])
               AND NOT EXISTS (SELECT 1 FROM n WHERE n.repository_id = rs.repository_id AND n.set_id = rs.set_id))
INSERT INTO repository_set AS rs (repository_id, set_id, images) SELECT repository_id, set_id, images FROM n
ON CONFLICT (repository_id, set_id) DO UPDATE SET images = EXCLUDED.images WHERE rs.images <> EXCLUDED.images;

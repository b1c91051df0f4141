-- layer: each layer is read once, whatever holds it.
CREATE VIEW dashboard.layer AS
SELECT 'sha256:' || encode(l.digest, 'hex') AS layer, l.state, l.reasons, l.size, l.tar_size, l.analyses, l.analysed_at,
       n.images, n.repositories, greatest(n.images - l.analyses, 0) * coalesce(l.size, 0) AS bytes_saved,
       l.state IN ('done', 'incomplete') AND l.analyzer_set_id <> (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1) AS outdated, l.reread_error
  FROM layer l
  JOIN LATERAL (
	SELECT count(DISTINCT r.image_id) AS images, count(DISTINCT r.repository_id) AS repositories
	  FROM image_layer il JOIN dashboard.reference r ON r.image_id = il.image_id
	 WHERE il.layer_id = l.id) n ON true;

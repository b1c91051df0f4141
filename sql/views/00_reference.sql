-- reference: what the registries hold now, by the names people use.  Its file comes
-- first because other views stand on it.  A platform of a tagged index has the
-- index's tag; what no tag reaches is named by digest.
CREATE VIEW dashboard.reference AS
SELECT ri.image_id, ri.repository_id, g.name AS registry, r.name AS repository, coalesce(t.tag, pt.tag) AS tag,
       g.name || '/' || r.name ||
           coalesce(':' || coalesce(t.tag, pt.tag), '@sha256:' || encode(i.digest, 'hex')) AS reference,
       'sha256:' || encode(i.digest, 'hex') AS digest,
       concat_ws('/', nullif(i.os, ''), nullif(i.architecture, ''), nullif(i.variant, '')) AS platform,
       i.kind, t.id IS NULL AND pt.tag IS NOT NULL AS by_index, ri.first_seen, ri.last_seen
  FROM repository_image ri
  JOIN repository r ON r.id = ri.repository_id AND r.gone_at IS NULL
  JOIN registry g ON g.id = r.registry_id AND g.removed_at IS NULL
  JOIN image i ON i.id = ri.image_id
  LEFT JOIN tag_history t ON t.repository_id = ri.repository_id AND t.image_id = ri.image_id AND t.gone_at IS NULL
  LEFT JOIN LATERAL (	-- distinct: an index may list a platform twice
	SELECT DISTINCT it.tag
	  FROM index_child c
	  JOIN tag_history it ON it.image_id = c.index_id AND it.gone_at IS NULL
	 WHERE t.id IS NULL AND c.child_id = ri.image_id AND it.repository_id = ri.repository_id) pt ON true
 WHERE ri.gone_at IS NULL;

-- base_image: the longest other image whose layers are the lowest layers of an image.
-- Its names are those that point there now; of several with the same layers, one that has a name.
CREATE VIEW dashboard.base_image AS
SELECT i.id AS image_id, 'sha256:' || encode(i.digest, 'hex') AS digest,
       'sha256:' || encode(b.digest, 'hex') AS base_digest, b.names AS base_names, b.layers AS base_layers
  FROM image i
  CROSS JOIN LATERAL (
	SELECT c.digest, s.n AS layers, t.names
	  FROM (SELECT il.position + 1 AS n, sha256(string_agg(l.digest, ''::bytea) OVER (ORDER BY il.position)) AS chain,
		       count(*) OVER () AS total
		  FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE il.image_id = i.id) s
	  JOIN image c ON c.chain = s.chain AND c.id <> i.id
	  CROSS JOIN LATERAL (
		SELECT array_agg(g.name || '/' || r.name || ':' || h.tag ORDER BY g.name, r.name, h.tag) AS names
		  FROM tag_history h JOIN repository r ON r.id = h.repository_id JOIN registry g ON g.id = r.registry_id
		 WHERE h.image_id = c.id AND h.gone_at IS NULL) t
	 WHERE s.n < s.total
	 ORDER BY s.n DESC, t.names IS NULL, c.id LIMIT 1) b
 WHERE i.kind = 'image';

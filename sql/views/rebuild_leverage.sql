-- rebuild_leverage: the layers whose rebuild would remove most findings that have
-- a fix: fixable findings that the layer brings in, times the images that hold it.
CREATE VIEW dashboard.rebuild_leverage AS
SELECT 'sha256:' || encode(l.digest, 'hex') AS layer, min(il.created_by) AS created_by,
       count(DISTINCT r.image_id) AS images, count(DISTINCT r.repository_id) AS repositories,
       max(ss.critical) AS critical, max(ss.high) AS high, max(ss.fixable) AS fixable,
       max(ss.fixable) * count(DISTINCT r.image_id) AS leverage
  FROM (SELECT st.image_id, st.position, sum(s.critical) AS critical, sum(s.high) AS high, sum(s.fixable) AS fixable
          FROM image_set st JOIN set_summary s USING (set_id) GROUP BY 1, 2) ss
  JOIN image_layer il ON il.image_id = ss.image_id AND il.position = ss.position
  JOIN layer l ON l.id = il.layer_id
  JOIN dashboard.reference r ON r.image_id = ss.image_id
 GROUP BY l.id
HAVING max(ss.fixable) > 0;

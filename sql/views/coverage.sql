-- coverage: what is installed, and whether any feed speaks about it.
CREATE VIEW dashboard.coverage AS
SELECT p.namespace, p.type, p.packages, coalesce(i.images, 0) AS images, f.feeds,
       f.imported_at, extract(epoch FROM now() - f.imported_at)::bigint AS feed_age_s, f.feeds <> '{}' AS has_feed, f.matched
  FROM (SELECT namespace, type, count(*) AS packages FROM package GROUP BY 1, 2) p
  LEFT JOIN (SELECT n.namespace, count(*) AS images
               FROM image_state s JOIN image ON image.image_state_id = s.id,
                    LATERAL unnest(s.namespaces) n(namespace)
              GROUP BY 1) i USING (namespace)
  LEFT JOIN LATERAL (
	SELECT coalesce(array_agg(f.name ORDER BY f.name), '{}') AS feeds, max(f.imported_at) AS imported_at, coalesce(bool_or(fn.matched), false) AS matched
	  FROM feed_namespace fn JOIN feed f ON f.name = fn.feed WHERE fn.namespace = p.namespace AND fn.whole) f ON true;

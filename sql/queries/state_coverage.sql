-- state_coverage: the namespaces of a state's packages and whether a feed speaks about them.
-- $1 bigint state
SELECT x.namespace, x.type, x.n,
       EXISTS (SELECT 1 FROM feed_namespace fn WHERE fn.namespace = x.namespace),
       (SELECT extract(epoch FROM now() - max(f.imported_at))::bigint FROM feed_namespace fn JOIN feed f ON f.name = fn.feed
         WHERE fn.namespace = x.namespace)
  FROM (SELECT p.namespace, p.type, count(*) n
          FROM image_state s JOIN package_set ps ON ps.id = ANY (s.sets)
          JOIN LATERAL unnest(ps.packages) member ON true JOIN package p ON p.id = member
         WHERE s.id = $1::bigint GROUP BY p.namespace, p.type) x
 ORDER BY 1, 2;

-- feed_freeze: documents of a feed that say something of a namespace.
-- $1 feed, $2 namespace, $3 bigint behind this id, $4 integer at most
-- returns  id, document
SELECT a.id, a.document FROM advisory a
 WHERE a.feed = $1 AND a.gone_at IS NULL AND NOT a.withdrawn AND a.id > $3::bigint
   AND EXISTS (SELECT 1 FROM affected x WHERE x.advisory_id = a.id AND x.namespace = $2)
 ORDER BY a.id LIMIT $4::integer;

-- export_delta: a page of the documents that changed since a revision, in the order of feeds and names.
-- $1, $2 feed and name of the last one seen, $3 bigint bytes of them at most (but one in any case), $4 bigint revision
-- returns  feed, name, document (empty = it is gone), the feed's place in export_manifest
SELECT t.feed, t.name, CASE WHEN a.gone_at IS NULL THEN a.document ELSE '' END, f.place
  FROM (SELECT id, feed, name, sum(n) OVER (ORDER BY feed, name) - n AS before
          FROM (SELECT id, feed, name, octet_length(document) AS n FROM advisory
                 WHERE (feed, name) > ($1::text, $2::text)
                   AND import = ANY (ARRAY(SELECT import FROM feed_history WHERE revision > $4::bigint)) ORDER BY feed, name LIMIT 1000) p) t
  JOIN advisory a USING (id)
  JOIN (SELECT name, row_number() OVER (ORDER BY name) - 1 AS place FROM feed WHERE name LIKE '%/%') f ON f.name = t.feed
 WHERE t.before < $3::bigint ORDER BY t.feed, t.name;

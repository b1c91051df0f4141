-- export_whole: a page of all documents, in the order of feeds and names.
-- $1, $2 feed and name of the last one seen, $3 bigint bytes of them at most (but one in any case)
-- returns  feed, name, document, the feed's place in export_manifest
SELECT t.feed, t.name, a.document, f.place
  FROM (SELECT id, feed, name, sum(n) OVER (ORDER BY feed, name) - n AS before
          FROM (SELECT id, feed, name, octet_length(document) AS n FROM advisory
                 WHERE (feed, name) > ($1::text, $2::text) AND gone_at IS NULL ORDER BY feed, name LIMIT 1000) p) t
  JOIN advisory a USING (id)
  JOIN (SELECT name, row_number() OVER (ORDER BY name) - 1 AS place FROM feed WHERE name LIKE '%/%') f ON f.name = t.feed
 WHERE t.before < $3::bigint ORDER BY t.feed, t.name;

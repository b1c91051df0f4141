-- advisory_documents: documents as advisory_write() wrote them, in the order of their ids.
-- $1 bigint[] advisories, $2 bigint the last id seen, $3 bigint bytes of them at most (but one in any case)
-- returns  id, name, document, boolean gone, boolean superseded, feed
-- A document that names several ecosystems stands in several files of one
-- source: the copy modified last counts.
SELECT t.id, t.name, t.document, t.gone,
       EXISTS (SELECT 1 FROM advisory b
                WHERE b.name = t.name AND b.feed <> t.feed AND split_part(b.feed, '/', 1) = split_part(t.feed, '/', 1)
                  AND b.gone_at IS NULL AND (b.modified COLLATE "C", b.feed COLLATE "C") > (t.modified COLLATE "C", t.feed COLLATE "C")), t.feed
  FROM (SELECT id, name, feed, modified, document, gone_at IS NOT NULL AS gone,
               sum(octet_length(document)) OVER (ORDER BY id) - octet_length(document) AS before
          FROM advisory WHERE id = ANY ($1::bigint[]) AND id > $2::bigint) t
 WHERE t.before < $3::bigint ORDER BY t.id;

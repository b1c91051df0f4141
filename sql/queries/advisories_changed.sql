-- advisories_changed: documents the matcher has not seen.
-- $1 integer at most, $2 bigint bytes of them at most (but one in any case)
-- Locked: an import that replaced one while it is being matched would have its
-- mark cleared unseen.  What an import holds now comes later.  Their documents
-- are read by the next statement, which sees what was locked.
WITH c AS MATERIALIZED (SELECT id, feed, octet_length(document) AS n FROM advisory WHERE changed
                         ORDER BY feed, id LIMIT $1::integer FOR NO KEY UPDATE SKIP LOCKED)
SELECT id FROM (SELECT id, sum(n) OVER (ORDER BY feed, id) - n AS before FROM c) t WHERE before < $2::bigint;

-- states_unmatched: states without a verdict.
-- $1 integer at most
-- Those wait of which advisories were imported and not yet matched: a verdict now
-- could be a "pass" for the want of them.
SELECT s.id FROM image_state s
 WHERE NOT s.matched
   AND NOT EXISTS (SELECT 1 FROM feed_namespace fn JOIN advisory a ON a.feed = fn.feed AND a.changed
                    WHERE fn.namespace = ANY (s.namespaces))
 ORDER BY s.id LIMIT $1::integer;

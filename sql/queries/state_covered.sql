-- state_covered: could everything in a state be looked at?
-- $1 bigint state
SELECT NOT s.incomplete AND NOT EXISTS (SELECT 1 FROM package_set ps JOIN coverage c ON c.id = ps.coverage_id
                                         WHERE ps.id = ANY (s.sets) AND c.weighs)
       AND NOT EXISTS (SELECT 1 FROM namespace_waiting w WHERE w.namespace = ANY (s.namespaces))
  FROM image_state s WHERE s.id = $1::bigint;

-- states_of_sets: judged states that hold any of the sets.
-- $1 bigint[] sets, $2 bigint[] number of the reason
-- returns  state, number of the first reason
SELECT s.id, min(u.why)
  FROM unnest($1::bigint[], $2::bigint[]) u(set_id, why)
  CROSS JOIN LATERAL (SELECT st.id, st.matched FROM image_state st WHERE st.sets @> ARRAY[u.set_id::integer] OFFSET 0) s
 WHERE s.matched GROUP BY s.id ORDER BY s.id;

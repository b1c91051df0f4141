-- audit_verdicts: verdicts that differ from what counts, coverage and completeness say.
-- $1 bigint from this id on, $2 bigint up to before this one, $3 text[] the verdict of each case (states_judge)
-- returns  how many differ, the first of them: key, stored, rebuilt
WITH n AS (
	SELECT st.id, ($3::text[])[1 + 4 * coalesce(bool_or(ss.fails), false)::integer + 2 * coalesce(bool_or(c.weighs), false)::integer
	                             + st.incomplete::integer] AS verdict
	  FROM image_state st
	  LEFT JOIN LATERAL unnest(st.sets) m(set_id) ON true
	  LEFT JOIN package_set ps ON ps.id = m.set_id
	  LEFT JOIN coverage c ON c.id = ps.coverage_id
	  LEFT JOIN set_summary ss ON ss.set_id = m.set_id
	 WHERE st.id >= $1::bigint AND st.id < $2::bigint
	 GROUP BY st.id)
SELECT count(*) OVER (), 'image_state ' || coalesce(n.id, v.image_state_id), v.verdict, n.verdict
  FROM n FULL JOIN (SELECT * FROM verdict WHERE scope = '' AND image_state_id >= $1::bigint AND image_state_id < $2::bigint) v ON v.image_state_id = n.id
 WHERE v.verdict IS DISTINCT FROM n.verdict LIMIT 100;

-- audit_verdicts: verdicts that differ from what findings, coverage and completeness say.
-- $1 bigint from this id on, $2 bigint up to before this one, $3 text[] the verdict of each case (states_judge)
-- returns  how many differ, the first of them: key, stored, rebuilt
-- From the findings themselves, not from counts.
WITH n AS (
	SELECT st.id, ($3::text[])[1 + 4 * coalesce(bool_or(f.fails), false)::integer + 2 * coalesce(bool_or(c.weighs), false)::integer
	                             + st.incomplete::integer] AS verdict
	  FROM image_state st
	  LEFT JOIN LATERAL unnest(st.sets) m(set_id) ON true
	  LEFT JOIN package_set ps ON ps.id = m.set_id
	  LEFT JOIN coverage c ON c.id = ps.coverage_id
	  LEFT JOIN LATERAL (
		SELECT bool_or(p.fails[1 + 2 * f.severity + (f.fixed_version <> '')::integer]) AS fails
		  FROM unnest(ps.packages) member JOIN finding f ON f.package_id = member AND f.status = 'affected' JOIN policy p ON p.scope = '') f ON true
	 WHERE st.id >= $1::bigint AND st.id < $2::bigint
	 GROUP BY st.id)
SELECT count(*) OVER (), 'image_state ' || coalesce(n.id, v.image_state_id), v.verdict, n.verdict
  FROM n FULL JOIN (SELECT * FROM verdict WHERE scope = '' AND image_state_id >= $1::bigint AND image_state_id < $2::bigint) v ON v.image_state_id = n.id
 WHERE v.verdict IS DISTINCT FROM n.verdict LIMIT 100;

-- states_judge: verdicts of states; a change goes to the ledger, to the counts of repositories and, while
-- somebody wants to know, into the outbox: as one row for all images of a content that had a verdict, as one for each
-- image where its content is new, with the verdict that the image had before.
-- $1 bigint[] states, each once, $2 text[] causes, $3 text[] references,
-- $4 text[] the verdict of each case: number 1, + 4 fails, + 2 a gap weighs, + 1 incomplete
-- returns  state, old ('' = none), new: those that changed
WITH s AS MATERIALIZED (
	SELECT st.id, u.cause, u.reference, coalesce(bool_or(ss.fails), false) AS fails, coalesce(bool_or(c.weighs), false) AS gap, st.incomplete
	  FROM unnest($1::bigint[], $2::text[], $3::text[]) u(id, cause, reference)
	  JOIN image_state st ON st.id = u.id
	  LEFT JOIN LATERAL unnest(st.sets) m(set_id) ON true
	  LEFT JOIN package_set ps ON ps.id = m.set_id
	  LEFT JOIN coverage c ON c.id = ps.coverage_id
	  LEFT JOIN set_summary ss ON ss.set_id = m.set_id
	 GROUP BY st.id, u.cause, u.reference, st.incomplete),
     n AS (SELECT id, cause, reference, ($4::text[])[1 + 4 * fails::integer + 2 * gap::integer + incomplete::integer] AS new FROM s),
     changed AS MATERIALIZED (
	SELECT n.id, n.cause, n.reference, coalesce(v.verdict, '') AS old, n.new
	  FROM n LEFT JOIN verdict v ON v.image_state_id = n.id AND v.scope = '' WHERE v.verdict IS DISTINCT FROM n.new),
     done AS (UPDATE image_state SET matched = true WHERE id = ANY ($1::bigint[]) AND NOT matched),
     judged AS (UPDATE image SET judged_at = now() WHERE judged_at IS NULL AND image_state_id = ANY ($1::bigint[])),
     ledger AS (INSERT INTO verdict_ledger (image_state_id, scope, old, new, cause, reference, changed)
                SELECT c.id, '', c.old, c.new, c.cause, c.reference,
                       c.old <> '' OR EXISTS (SELECT 1 FROM image_state_history h WHERE h.image_state_id = c.id AND h.old <> c.new) FROM changed c ORDER BY c.id),
     told AS (INSERT INTO notification (image_state_id, image_id, old, new, cause, reference)
              SELECT t.* FROM (
		SELECT id, NULL::bigint, old, new, cause, reference FROM changed WHERE old <> ''
		UNION ALL
		SELECT c.id, i.id, h.old, c.new, c.cause, c.reference
		  FROM changed c JOIN image i ON i.image_state_id = c.id
		  JOIN LATERAL (SELECT h.old FROM image_state_history h WHERE h.image_id = i.id ORDER BY h.since DESC LIMIT 1) h ON h.old <> c.new
		 WHERE c.old = '') t
               WHERE EXISTS (SELECT 1 FROM notify_target WHERE removed_at IS NULL)),
     put AS (INSERT INTO verdict (image_state_id, scope, verdict) SELECT id, '', new FROM changed
             ON CONFLICT (image_state_id, scope) DO UPDATE SET verdict = EXCLUDED.verdict, changed_at = now()),
     repositories AS (
	UPDATE repository_summary r SET failed = r.failed + x.failed, unknown_verdicts = r.unknown_verdicts + x.unknown, as_of = now()
	  FROM (SELECT ri.repository_id, count(*) FILTER (WHERE c.new = 'fail') - count(*) FILTER (WHERE c.old = 'fail') AS failed,
	               count(*) FILTER (WHERE c.new = 'unknown') - count(*) FILTER (WHERE c.old = 'unknown') AS unknown
	          FROM changed c JOIN image i ON i.image_state_id = c.id
	          JOIN repository_image ri ON ri.image_id = i.id AND ri.gone_at IS NULL GROUP BY 1) x
	 WHERE r.repository_id = x.repository_id)
SELECT id, old, new FROM changed;

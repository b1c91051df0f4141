-- sweep_history: where tags pointed, what images held and how verdicts went, too long ago.
-- $1 integer  rows of each kind at once
-- returns  how many went
WITH t AS (DELETE FROM tag_history WHERE id IN (SELECT id FROM tag_history WHERE gone_at < kept_since('history') LIMIT $1::integer) RETURNING 1),
     s AS (DELETE FROM image_state_history WHERE ctid IN (
             SELECT h.ctid FROM image_state_history h
              WHERE h.since < kept_since('history')
                AND EXISTS (SELECT 1 FROM image_state_history n WHERE n.image_id = h.image_id AND n.since > h.since AND n.since < kept_since('history'))
              LIMIT $1::integer) RETURNING 1),
     v AS (DELETE FROM verdict_ledger WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM verdict_ledger WHERE at < kept_since('history') LIMIT $1::integer) RETURNING 1)
SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM v) + (SELECT count(*) FROM s);

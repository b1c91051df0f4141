-- 0031_moves: images that come to other content mostly keep their verdict, and the last changes are found without these.
ALTER TABLE image_state_history ADD COLUMN old text NOT NULL DEFAULT '',	-- the image's verdict before, '' = none yet
	ADD COLUMN new text;			-- this content's when the image came to it, null = the ledger says it later
ALTER TABLE verdict_ledger ADD COLUMN changed boolean NOT NULL DEFAULT true;	-- false = a first verdict, and all its images had this one before

UPDATE image_state_history h SET old = x.old, new = x.new
  FROM (SELECT h.ctid AS row, coalesce(b.verdict, '') AS old, s.verdict AS new
          FROM image_state_history h
         CROSS JOIN LATERAL (
		SELECT coalesce((SELECT v.verdict FROM verdict v WHERE v.image_state_id = h.image_state_id AND v.scope = '' AND v.changed_at < h.since),
			(SELECT l.new FROM verdict_ledger l WHERE l.image_state_id = h.image_state_id AND l.scope = '' AND l.at < h.since
			  ORDER BY l.at DESC, l.ctid DESC LIMIT 1)) AS verdict) s
          LEFT JOIN LATERAL (	-- of the last content before it which had one
		SELECT b.verdict FROM image_state_history p
		 CROSS JOIN LATERAL (
			SELECT coalesce((SELECT v.verdict FROM verdict v WHERE v.image_state_id = p.image_state_id AND v.scope = '' AND v.changed_at < h.since),
				(SELECT l.new FROM verdict_ledger l WHERE l.image_state_id = p.image_state_id AND l.scope = '' AND l.at < h.since
				  ORDER BY l.at DESC, l.ctid DESC LIMIT 1)) AS verdict) b
		 WHERE p.image_id = h.image_id AND p.since < h.since AND b.verdict IS NOT NULL ORDER BY p.since DESC LIMIT 1) b ON true) x
 WHERE h.ctid = x.row AND (x.old <> '' OR x.new IS NOT NULL);
UPDATE verdict_ledger l SET changed = false
 WHERE l.old = '' AND NOT EXISTS (SELECT 1 FROM image_state_history h WHERE h.image_state_id = l.image_state_id AND h.old <> l.new);

CREATE INDEX image_state_history_changed ON image_state_history (since) WHERE new <> old;
CREATE INDEX verdict_ledger_changed ON verdict_ledger (at) WHERE changed;

-- 0013_reason: the vendor's own word for a status, and who rated a severity, with each
-- match; what a finding makes of them.  Every advisory is matched again for it.
ALTER TABLE match ADD COLUMN rated smallint NOT NULL DEFAULT 0,	-- enum match_rated
	ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN severity_worst smallint NOT NULL DEFAULT 0,	-- that any advisory gives
	ADD COLUMN reason text NOT NULL DEFAULT '',
	ADD COLUMN fix_state text NOT NULL DEFAULT '';	-- finding_fix_state()
UPDATE advisory SET changed = true WHERE NOT changed;

-- 0014_kev_policy: what is known to be exploited may decide a verdict, however it is rated.
ALTER TABLE policy ADD COLUMN fail_on_kev boolean NOT NULL DEFAULT false,
	ADD COLUMN judged_kev smallint NOT NULL DEFAULT 0;	-- set_summary.kev from which a set is refused, as last judged; 0 = never
ALTER TABLE set_summary ADD COLUMN kev smallint NOT NULL DEFAULT 0;	-- 1 = holds a finding that is in kev, 2 = one with a fix

CREATE FUNCTION set_fails(s set_summary, p policy) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT cells_fail(set_cells(s), p.fails) OR (p.judged_kev > 0 AND s.kev >= p.judged_kev) $$;

-- entries that came, went or changed, for the matcher.  No key: writers never wait for each other.
CREATE TABLE kev_due (cve text NOT NULL COLLATE "C");
CREATE INDEX kev_due_by_cve ON kev_due (cve);
INSERT INTO kev_due SELECT cve FROM kev;

ALTER TABLE verdict_ledger DROP CONSTRAINT verdict_ledger_cause_check;
ALTER TABLE verdict_ledger ADD CONSTRAINT verdict_ledger_cause_check CHECK (cause IN ('new_inventory', 'new_advisory',
	'withdrawn', 'merged', 'severity', 'policy', 'feed_age', 'support_ended', 'kev'));

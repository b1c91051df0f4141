-- 0012_support_ended: a verdict changes when its distribution's support ends.
ALTER TABLE verdict_ledger DROP CONSTRAINT verdict_ledger_cause_check;
ALTER TABLE verdict_ledger ADD CONSTRAINT verdict_ledger_cause_check CHECK (cause IN ('new_inventory', 'new_advisory',
	'withdrawn', 'merged', 'severity', 'policy', 'feed_age', 'support_ended'));

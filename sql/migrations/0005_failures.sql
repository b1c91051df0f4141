-- 0005_failures: tries that failed, apart from starts that merely ended.

-- An attempt may also be taken back: its worker was busy, the coordinator stopped.
ALTER TABLE job ADD COLUMN failures integer NOT NULL DEFAULT 0;
UPDATE job SET failures = greatest(attempt - unended, 0);

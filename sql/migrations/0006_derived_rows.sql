-- 0006_derived_rows: what the matcher derives carries no foreign keys: it alone
-- writes these rows, from rows it has just read, and the audit compares each of them
-- and looks for orphans.  The checks cost two thirds of every insert, and lock and
-- write the rows they point to.
ALTER TABLE match DROP CONSTRAINT match_package_id_fkey, DROP CONSTRAINT match_advisory_id_fkey;
ALTER TABLE finding DROP CONSTRAINT finding_package_id_fkey, DROP CONSTRAINT finding_vulnerability_id_fkey,
	DROP CONSTRAINT finding_advisory_id_fkey;
ALTER TABLE advisory_vulnerability DROP CONSTRAINT advisory_vulnerability_advisory_id_fkey,
	DROP CONSTRAINT advisory_vulnerability_vulnerability_id_fkey;
ALTER TABLE advisory_name DROP CONSTRAINT advisory_name_advisory_id_fkey;
ALTER TABLE repository_set DROP CONSTRAINT repository_set_repository_id_fkey, DROP CONSTRAINT repository_set_set_id_fkey;

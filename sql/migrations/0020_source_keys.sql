-- 0014_source_keys: rpms are found by their source too where the data names it.
-- What matches a package makes its keys anew before, when they are of other rules.
ALTER TABLE package ADD COLUMN keyed boolean NOT NULL DEFAULT true;	-- package_key is as the rules of today make it
UPDATE package SET keyed = false, matched = false
 WHERE namespace ~ '^(Red Hat|Rocky Linux|SUSE|openSUSE|openEuler|Mageia|Azure Linux):';

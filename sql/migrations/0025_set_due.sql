-- 0025_set_due: sets to count are rows of their own.  As a mark on package_set it wrote a
-- set's row anew, and with that the index entries of all its members: three quarters
-- of what counting it cost.
CREATE TABLE set_due (set_id integer PRIMARY KEY REFERENCES package_set ON DELETE CASCADE);
INSERT INTO set_due SELECT id FROM package_set WHERE NOT matched;
ALTER TABLE package_set DROP COLUMN matched;	-- and its index

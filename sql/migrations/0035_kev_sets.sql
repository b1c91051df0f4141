-- 0035_kev_sets: what came into the catalogue of exploited vulnerabilities, or left it, spreads to sets in steps.
CREATE TABLE kev_set_due (	-- sets that hold findings of such, to be looked at
	set_id integer PRIMARY KEY REFERENCES package_set ON DELETE CASCADE,
	cve text NOT NULL		-- one of them
);

-- who waits to be judged waits once, however many of its sets or advisories say so
DELETE FROM rejudge r USING rejudge o WHERE o.image_state_id = r.image_state_id AND o.id < r.id;
CREATE UNIQUE INDEX rejudge_state ON rejudge (image_state_id);

-- 0003_matching: judgement from counts.  What a policy makes of a finding and of
-- a namespace is decided once, in C, and stored; verdicts follow from it by sets,
-- however many images there are.  Everything that waits is a row.

-- --------------------------------------------------------- what could be looked at
CREATE TABLE coverage (		-- one row for each kind of package installed anywhere
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	namespace text NOT NULL COLLATE "C",
	type text NOT NULL COLLATE "C",
	has_feed boolean NOT NULL DEFAULT false,	-- imported, and all of it matched
	gap text NOT NULL DEFAULT 'packages: not looked at yet',	-- policy_gap(); '' = looked at
	weighs boolean NOT NULL DEFAULT true,		-- the gap is enough for unknown
	UNIQUE (namespace, type)
);

ALTER TABLE package_set ADD COLUMN coverage_id integer REFERENCES coverage;
INSERT INTO coverage (namespace, type)
SELECT DISTINCT p.namespace, p.type FROM package_set s JOIN package p ON p.id = s.packages[1];
UPDATE package_set s SET matched = false, coverage_id = c.id
  FROM package p JOIN coverage c USING (namespace, type) WHERE p.id = s.packages[1];
ALTER TABLE package_set ALTER COLUMN coverage_id SET NOT NULL;

-- ------------------------------------------------------------------------- counts
ALTER TABLE set_summary DROP COLUMN fixable,
	ADD COLUMN critical_fixable integer NOT NULL DEFAULT 0, ADD COLUMN high_fixable integer NOT NULL DEFAULT 0,
	ADD COLUMN medium_fixable integer NOT NULL DEFAULT 0, ADD COLUMN low_fixable integer NOT NULL DEFAULT 0,
	ADD COLUMN negligible_fixable integer NOT NULL DEFAULT 0, ADD COLUMN unknown_fixable integer NOT NULL DEFAULT 0,
	ADD COLUMN fails boolean NOT NULL DEFAULT false;	-- holds a finding that the farm's policy refuses
ALTER TABLE set_summary ADD COLUMN fixable integer GENERATED ALWAYS AS
	(critical_fixable + high_fixable + medium_fixable + low_fixable + negligible_fixable + unknown_fixable) STORED;

-- policy_cell() of policy.h: cell 2 * severity + fixable stands at its number + 1
CREATE FUNCTION set_cells(s set_summary) RETURNS integer[] LANGUAGE sql IMMUTABLE AS $$
	SELECT ARRAY[s.unknown - s.unknown_fixable, s.unknown_fixable, s.negligible - s.negligible_fixable, s.negligible_fixable,
	             s.low - s.low_fixable, s.low_fixable, s.medium - s.medium_fixable, s.medium_fixable,
	             s.high - s.high_fixable, s.high_fixable, s.critical - s.critical_fixable, s.critical_fixable] $$;
CREATE FUNCTION cells_fail(cells integer[], fails boolean[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(bool_or(f AND c > 0), false) FROM unnest(cells, fails) u(c, f) $$;

CREATE TABLE repository_set (	-- how many present images of a repository have a set
	repository_id integer NOT NULL REFERENCES repository,
	set_id integer NOT NULL REFERENCES package_set,
	images integer NOT NULL,
	PRIMARY KEY (repository_id, set_id)
) WITH (fillfactor = 80);
CREATE INDEX repository_set_inverse ON repository_set (set_id);

-- repositories to count anew.  No key: two writers never wait for each other, and
-- one that commits while its repository is being counted is counted again.
CREATE TABLE repository_due (repository_id integer NOT NULL);
CREATE INDEX repository_due_by_id ON repository_due (repository_id);

CREATE FUNCTION repository_image_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO repository_due SELECT DISTINCT n.repository_id FROM new_rows n JOIN image i ON i.id = n.image_id
		 WHERE n.gone_at IS NULL AND i.image_state_id IS NOT NULL;
	ELSIF TG_OP = 'UPDATE' THEN
		INSERT INTO repository_due SELECT DISTINCT n.repository_id FROM new_rows n JOIN old_rows o USING (repository_id, image_id)
		  JOIN image i ON i.id = n.image_id
		 WHERE (n.gone_at IS NULL) <> (o.gone_at IS NULL) AND i.image_state_id IS NOT NULL;
	ELSE
		INSERT INTO repository_due SELECT DISTINCT repository_id FROM old_rows WHERE gone_at IS NULL;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER repository_image_inserted AFTER INSERT ON repository_image
	REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION repository_image_changed();
CREATE TRIGGER repository_image_updated AFTER UPDATE ON repository_image
	REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION repository_image_changed();
CREATE TRIGGER repository_image_deleted AFTER DELETE ON repository_image
	REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION repository_image_changed();
INSERT INTO repository_due SELECT id FROM repository;

-- --------------------------------------------------------------------- judgement
ALTER TABLE policy ADD COLUMN fails boolean[] NOT NULL DEFAULT '{}',	-- policy_fails() of each cell, as last judged
	ADD COLUMN judged_feed_age_s integer;		-- max_feed_age_s as last judged

ALTER TABLE verdict DROP COLUMN reasons;		-- view verdict_reason
ALTER TABLE verdict_ledger DROP CONSTRAINT verdict_ledger_cause_check;
ALTER TABLE verdict_ledger ADD CONSTRAINT verdict_ledger_cause_check CHECK (cause IN ('new_inventory', 'new_advisory',
	'withdrawn', 'merged', 'severity', 'policy', 'feed_age'));

CREATE TABLE rejudge (		-- states to judge again, and why
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	image_state_id bigint NOT NULL,
	cause text NOT NULL,
	reference text NOT NULL
);
UPDATE image_state SET matched = false;
CREATE INDEX image_unjudged ON image (image_state_id) WHERE judged_at IS NULL AND image_state_id IS NOT NULL;

-- -------------------------------------------------------------------- advisories
DROP INDEX advisory_changed;
CREATE INDEX advisory_changed ON advisory (feed, id) WHERE changed;
UPDATE advisory SET changed = true WHERE NOT changed;
ALTER TABLE advisory ADD COLUMN gone_at timestamptz;	-- absent from the last whole import

CREATE TABLE advisory_name (	-- the other names a document depends on, as the matcher saw it last
	advisory_id integer NOT NULL REFERENCES advisory,
	link boolean NOT NULL,		-- true: an alias, both are one; false: upstream, its class matters
	name text NOT NULL COLLATE "C",
	PRIMARY KEY (advisory_id, link, name)
);
CREATE INDEX advisory_name_inverse ON advisory_name (name, link);

CREATE TABLE vulnerability_merge (	-- what an advisory spoke about is known by another name since
	at timestamptz NOT NULL DEFAULT now(),
	name text NOT NULL COLLATE "C",
	into_name text NOT NULL COLLATE "C",
	advisory text NOT NULL
);
CREATE INDEX vulnerability_merge_name ON vulnerability_merge (name);

-- ---------------------------------------------------------------- imports of feeds
ALTER TABLE feed ADD COLUMN missing integer NOT NULL DEFAULT 0;	-- absent from the last import, held back: too many at once
CREATE UNLOGGED TABLE feed_seen (	-- names in the import that runs; rows of an import that failed never were
	feed text NOT NULL,
	name text NOT NULL COLLATE "C"
);
CREATE INDEX feed_seen_name ON feed_seen (feed, name);
CREATE TABLE feed_history (	-- one row an import
	at timestamptz NOT NULL DEFAULT now(),
	feed text NOT NULL REFERENCES feed,
	whole boolean NOT NULL,
	documents integer NOT NULL,	-- in the file
	changed integer NOT NULL,	-- new ones included
	gone integer NOT NULL,		-- withdrawn by their absence
	missing integer NOT NULL,	-- held back
	malformed integer NOT NULL
);
CREATE INDEX feed_history_feed ON feed_history (feed, at);

-- ---------------------------------------------------------------------- self-audit
CREATE TABLE audit_run (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	requested_by text NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	ended_at timestamptz,
	rows bigint NOT NULL DEFAULT 0,			-- compared
	differences bigint NOT NULL DEFAULT 0,
	tables jsonb NOT NULL DEFAULT '{}',		-- table: rows that differ
	details text[] NOT NULL DEFAULT '{}',		-- the first ones
	error text NOT NULL DEFAULT ''			-- why it could not be made
);
CREATE UNIQUE INDEX audit_run_open ON audit_run ((true)) WHERE ended_at IS NULL;

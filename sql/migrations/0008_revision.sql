-- 0008_revision: what an advisory changed last in.  Each import has a number, which
-- stands on the rows that it changes, documents that went included; when it ends it
-- gets the farm's next revision, if it changed any.  Revisions are given under a
-- lock that is held until the commit: whoever sees one sees all before it, which
-- the numbers of imports, given at their start, do not promise.
CREATE TABLE farm (
	id smallint PRIMARY KEY CHECK (id = 1),
	uuid uuid NOT NULL DEFAULT gen_random_uuid(),
	revision bigint NOT NULL DEFAULT 0	-- of its advisories
);
INSERT INTO farm VALUES (1);

CREATE SEQUENCE feed_import;
ALTER TABLE feed ADD COLUMN import bigint NOT NULL DEFAULT 0;		-- that runs, else the last
ALTER TABLE advisory ADD COLUMN import bigint NOT NULL DEFAULT 0;	-- that changed it last; 0 = before there were numbers
CREATE INDEX advisory_by_import ON advisory (import) WHERE import > 0;
ALTER TABLE feed_history ADD COLUMN import bigint NOT NULL DEFAULT 0,
	ADD COLUMN revision bigint;		-- NULL: it changed nothing
CREATE UNIQUE INDEX feed_history_revision ON feed_history (revision);

CREATE TABLE feed_source (	-- farms whose exports were imported here
	farm uuid PRIMARY KEY,
	revision bigint NOT NULL,		-- of that farm: all up to it is here
	imported_at timestamptz NOT NULL DEFAULT now()
);

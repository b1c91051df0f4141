-- 0002_faults: what a repeated, late or unanswered question leaves behind.

-- Starts of a job whose end nobody saw: the coordinator ended first.  Raised
-- before dispatch, taken back with every end that is seen.
ALTER TABLE job ADD COLUMN unended integer NOT NULL DEFAULT 0;
-- How often a tag was asked for: an answer to an earlier question is none to this.
ALTER TABLE job ADD COLUMN asked integer NOT NULL DEFAULT 1;

CREATE TABLE tag_error (	-- tags whose registry gave no answer that we can use
	repository_id integer NOT NULL REFERENCES repository,
	tag text NOT NULL COLLATE "C",
	outcome text NOT NULL,		-- err_name()
	reason text NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (repository_id, tag)
);

CREATE TABLE inbox_event (	-- events that carry an id, each worked in once
	key bytea PRIMARY KEY,		-- sha256 of registry, source and id
	received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_event_age ON inbox_event (received_at);
CREATE INDEX inbox_age ON inbox (processed_at) WHERE processed_at IS NOT NULL;

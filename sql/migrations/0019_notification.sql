-- 0014_notification: changed verdicts on their way out, and which content an image had when.

CREATE TABLE image_state_history (	-- one row each time an image's packages became others
	image_id bigint NOT NULL REFERENCES image,
	since timestamptz NOT NULL DEFAULT now(),
	image_state_id bigint NOT NULL REFERENCES image_state
);
CREATE INDEX image_state_history_image ON image_state_history (image_id, since);
INSERT INTO image_state_history SELECT id, coalesce(judged_at, first_seen), image_state_id FROM image WHERE image_state_id IS NOT NULL;

CREATE TABLE notification (	-- the outbox, written with the ledger, in the order of ids; only while there are targets
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	image_state_id bigint,			-- all images of that content, or
	image_id bigint,			-- this one: its first verdict, or its content became another
	old text NOT NULL,			-- '' = first verdict
	new text NOT NULL,
	cause text NOT NULL,
	reference text NOT NULL DEFAULT '',
	CHECK (image_state_id IS NOT NULL OR image_id IS NOT NULL)
);

CREATE TABLE notify_target (	-- webhooks that are told
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	url text NOT NULL,			-- its path may be a secret: shown nowhere
	origin text NOT NULL,			-- scheme://host[:port] of it
	secret_file text NOT NULL DEFAULT '',	-- read by the coordinator only, at each delivery
	insecure boolean NOT NULL DEFAULT false,	-- http, or TLS unverified
	everything boolean NOT NULL DEFAULT false,	-- first verdicts other than fail, too
	delivered bigint NOT NULL,		-- up to this notification all were
	failures integer NOT NULL DEFAULT 0,	-- one after another
	not_before timestamptz NOT NULL DEFAULT now(),
	last_error text NOT NULL DEFAULT '',
	last_try_at timestamptz,
	last_delivery_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	removed_at timestamptz
);

-- 0001_schema: the farm's whole state.  Names are the contract; columns grow by
-- later migrations.  Digests are raw bytes (32 = sha256, 64 = sha512); views
-- write them as text.  Texts from images are stored with bytes outside UTF-8 and
-- control bytes escaped as \xHH, so they are always valid text.
CREATE EXTENSION IF NOT EXISTS intarray;

-- ------------------------------------------------------------- the farm's life
CREATE TABLE setting (
	name text PRIMARY KEY,
	value bytea NOT NULL
);
COMMENT ON TABLE setting IS 'farm constants made once: sip_key (16 bytes)';

CREATE TABLE leader (
	id smallint PRIMARY KEY CHECK (id = 1),
	epoch bigint NOT NULL,
	holder text NOT NULL,
	backend_pid integer NOT NULL,
	heartbeat_at timestamptz NOT NULL
);
INSERT INTO leader VALUES (1, 0, '', 0, '-infinity');

CREATE TABLE audit (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	actor text NOT NULL,
	action text NOT NULL,
	detail text NOT NULL
);

-- ------------------------------------------------------------ where things are
CREATE TABLE registry (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	product text NOT NULL DEFAULT 'distribution',
	url text NOT NULL,				-- scheme://host[:port]
	insecure boolean NOT NULL DEFAULT false,	-- http, or TLS unverified
	username text NOT NULL DEFAULT '',
	password_file text NOT NULL DEFAULT '',		-- read by the coordinator only
	webhook_id text NOT NULL UNIQUE,		-- unguessable part of the URL
	webhook_secret_sha256 bytea NOT NULL,
	poll_interval_s integer NOT NULL DEFAULT 3600 CHECK (poll_interval_s >= 0),
	next_poll_at timestamptz NOT NULL DEFAULT now(),
	last_poll_at timestamptz,
	last_poll_error text NOT NULL DEFAULT '',
	paused_until timestamptz NOT NULL DEFAULT '-infinity',	-- 429, Retry-After
	max_requests integer NOT NULL DEFAULT 8 CHECK (max_requests > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	removed_at timestamptz
);

CREATE TABLE repository (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id integer NOT NULL REFERENCES registry,
	name text NOT NULL COLLATE "C",
	first_seen timestamptz NOT NULL DEFAULT now(),
	last_seen timestamptz NOT NULL DEFAULT now(),
	gone_at timestamptz,
	UNIQUE (registry_id, name)
);

-- ------------------------------------------------------ what images are made of
CREATE TABLE image (		-- every manifest: images, indexes, artifacts
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest bytea NOT NULL UNIQUE,
	kind text NOT NULL DEFAULT 'unresolved'
	    CHECK (kind IN ('unresolved', 'index', 'image', 'artifact', 'unsupported')),
	media_type text NOT NULL DEFAULT '',
	size bigint,
	os text NOT NULL DEFAULT '',
	architecture text NOT NULL DEFAULT '',
	variant text NOT NULL DEFAULT '',
	config_digest bytea,
	depth smallint NOT NULL DEFAULT 0,		-- nesting below a pushed index
	state text NOT NULL DEFAULT 'new'
	    CHECK (state IN ('new', 'resolved', 'applied', 'not_applicable', 'failed')),
	reason text NOT NULL DEFAULT '',		-- of failed and not_applicable
	dirty boolean NOT NULL DEFAULT false,		-- layers changed: apply (again)
	image_state_id bigint,
	first_seen timestamptz NOT NULL DEFAULT now(),
	pushed_at timestamptz,				-- time of the notification
	judged_at timestamptz				-- first verdict
);
CREATE INDEX image_dirty ON image (id) WHERE dirty;
CREATE INDEX image_by_state ON image (image_state_id);

CREATE TABLE repository_image (
	repository_id integer NOT NULL REFERENCES repository,
	image_id bigint NOT NULL REFERENCES image,
	first_seen timestamptz NOT NULL DEFAULT now(),
	last_seen timestamptz NOT NULL DEFAULT now(),
	gone_at timestamptz,
	PRIMARY KEY (repository_id, image_id)
);
CREATE INDEX repository_image_inverse ON repository_image (image_id);

CREATE TABLE tag_history (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	repository_id integer NOT NULL REFERENCES repository,
	tag text NOT NULL COLLATE "C",
	image_id bigint NOT NULL REFERENCES image,
	first_seen timestamptz NOT NULL DEFAULT now(),
	last_seen timestamptz NOT NULL DEFAULT now(),
	gone_at timestamptz			-- NULL: the tag points there now
);
CREATE UNIQUE INDEX tag_now ON tag_history (repository_id, tag) WHERE gone_at IS NULL;
CREATE INDEX tag_of_image ON tag_history (image_id);

CREATE TABLE index_child (
	index_id bigint NOT NULL REFERENCES image,
	position integer NOT NULL,
	child_id bigint NOT NULL REFERENCES image,
	os text NOT NULL DEFAULT '',
	architecture text NOT NULL DEFAULT '',
	variant text NOT NULL DEFAULT '',
	attestation boolean NOT NULL DEFAULT false,
	PRIMARY KEY (index_id, position)
);
CREATE INDEX index_child_inverse ON index_child (child_id);

CREATE TABLE layer (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest bytea NOT NULL UNIQUE,
	state text NOT NULL DEFAULT 'new'
	    CHECK (state IN ('new', 'done', 'incomplete', 'failed')),
	reasons text[] NOT NULL DEFAULT '{}',
	hashed boolean NOT NULL DEFAULT false,	-- layer_tree holds path hashes
	limits_revision integer NOT NULL DEFAULT 0,
	size bigint,				-- bytes of the blob as fetched
	tar_size bigint,			-- uncompressed bytes
	entries bigint,
	analyses integer NOT NULL DEFAULT 0,	-- how often it was fetched and read
	analysed_at timestamptz
);

CREATE TABLE image_layer (	-- claims of one manifest live here, not on layer
	image_id bigint NOT NULL REFERENCES image,
	position integer NOT NULL,
	layer_id bigint NOT NULL REFERENCES layer,
	diff_id bytea,
	size bigint NOT NULL,
	media_type text NOT NULL,
	created_by text NOT NULL DEFAULT '',
	PRIMARY KEY (image_id, position)
);
CREATE INDEX image_layer_inverse ON image_layer (layer_id);

-- ------------------------------------------------------------ what was read
CREATE TABLE inventory (	-- one row a file; record: inventory_file of common/inventory.h
	layer_id bigint NOT NULL REFERENCES layer,
	seq integer NOT NULL,
	path bytea NOT NULL,
	kind text NOT NULL,
	revision integer NOT NULL,
	record bytea NOT NULL,
	PRIMARY KEY (layer_id, seq)
);
CREATE INDEX inventory_kind ON inventory (kind, revision);

CREATE TABLE layer_tree (	-- chunks of tree_entry records, <= 512 KiB each
	layer_id bigint NOT NULL REFERENCES layer,
	seq integer NOT NULL,
	entries bytea NOT NULL,
	PRIMARY KEY (layer_id, seq)
);

-- ------------------------------------------------------------- what is installed
CREATE TABLE package (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	identity bytea NOT NULL UNIQUE,	-- sha256 over all that a rule looks at
	namespace text NOT NULL COLLATE "C",	-- as OSV spells it; '' = none known
	type text NOT NULL COLLATE "C",		-- purl type
	name text NOT NULL COLLATE "C",
	version text NOT NULL COLLATE "C",
	arch text NOT NULL COLLATE "C" DEFAULT '',
	source_name text NOT NULL COLLATE "C" DEFAULT '',
	source_version text NOT NULL COLLATE "C" DEFAULT '',
	module text NOT NULL DEFAULT '',
	origin text NOT NULL DEFAULT 'distro',
	context text NOT NULL DEFAULT '',	-- vendor context, dpkg state
	matched boolean NOT NULL DEFAULT false
);
CREATE INDEX package_unmatched ON package (id) WHERE NOT matched;
CREATE INDEX package_by_name ON package (namespace, name);

CREATE TABLE package_key (	-- the rows by which a package is matched
	package_id integer NOT NULL REFERENCES package,
	namespace text NOT NULL COLLATE "C",
	name text NOT NULL COLLATE "C",
	key bytea NOT NULL
);
CREATE INDEX package_key_range ON package_key (namespace, name, key) INCLUDE (package_id);
CREATE INDEX package_key_package ON package_key (package_id);

CREATE TABLE package_set (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest bytea NOT NULL UNIQUE,
	packages integer[] NOT NULL,		-- sorted, distinct
	matched boolean NOT NULL DEFAULT false	-- summary made
);
CREATE INDEX package_set_members ON package_set USING gin (packages gin__int_ops) WITH (fastupdate = off);
CREATE INDEX package_set_unmatched ON package_set (id) WHERE NOT matched;

CREATE TABLE image_set (	-- position = the layer that introduced the set's packages
	image_id bigint NOT NULL REFERENCES image,
	position integer NOT NULL,
	set_id integer NOT NULL REFERENCES package_set,
	PRIMARY KEY (image_id, position, set_id)
);
CREATE INDEX image_set_inverse ON image_set (set_id);

CREATE TABLE image_state (	-- content-addressed: what a verdict depends on
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest bytea NOT NULL UNIQUE,
	sets integer[] NOT NULL,		-- sorted, distinct
	namespaces text[] NOT NULL DEFAULT '{}',
	os_id text NOT NULL DEFAULT '',
	os_version text NOT NULL DEFAULT '',
	incomplete boolean NOT NULL DEFAULT false,
	reasons text[] NOT NULL DEFAULT '{}',
	notes text[] NOT NULL DEFAULT '{}',
	matched boolean NOT NULL DEFAULT false	-- verdict made
);
CREATE INDEX image_state_sets ON image_state USING gin (sets gin__int_ops) WITH (fastupdate = off);
CREATE INDEX image_state_unmatched ON image_state (id) WHERE NOT matched;
ALTER TABLE image ADD FOREIGN KEY (image_state_id) REFERENCES image_state;

-- ------------------------------------------------------------------ advisories
CREATE TABLE feed (
	name text PRIMARY KEY,			-- "osv/Debian"
	imported_at timestamptz,
	documents integer NOT NULL DEFAULT 0,	-- in the last whole import
	malformed integer NOT NULL DEFAULT 0,
	malformed_names text[] NOT NULL DEFAULT '{}',	-- the first 100, with reasons
	changed integer NOT NULL DEFAULT 0,	-- of the last import
	unmatched integer NOT NULL DEFAULT 0,	-- documents without any ordered range
	error text NOT NULL DEFAULT ''
);

CREATE TABLE feed_namespace (	-- which namespaces a feed speaks about
	feed text NOT NULL REFERENCES feed,
	namespace text NOT NULL COLLATE "C",
	PRIMARY KEY (namespace, feed)
);

CREATE TABLE advisory (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	feed text NOT NULL REFERENCES feed,
	name text NOT NULL COLLATE "C",		-- the document's id
	digest bytea NOT NULL,			-- sha256 of document: unchanged = skip
	modified text NOT NULL DEFAULT '',
	withdrawn boolean NOT NULL DEFAULT false,
	summary text NOT NULL DEFAULT '',
	severity smallint NOT NULL DEFAULT 0,	-- enum severity of advisory.h
	cvss text NOT NULL DEFAULT '',
	document bytea NOT NULL,		-- advisory_write() of it
	unmatched_entries integer NOT NULL DEFAULT 0,	-- no version order for them
	changed boolean NOT NULL DEFAULT true,	-- the matcher has not seen it
	imported_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (feed, name)
);
CREATE INDEX advisory_changed ON advisory (id) WHERE changed;
CREATE INDEX advisory_by_name ON advisory (name);

CREATE TABLE affected (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	advisory_id integer NOT NULL REFERENCES advisory,
	entry integer NOT NULL,			-- index in the document's affected[]
	namespace text NOT NULL COLLATE "C",
	name text NOT NULL COLLATE "C",
	lo bytea NOT NULL,			-- half open [lo, hi)
	hi bytea NOT NULL
);
CREATE INDEX affected_by_name ON affected (namespace, name, lo);
CREATE INDEX affected_of_advisory ON affected (advisory_id);

CREATE TABLE vulnerability (	-- alias class
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE COLLATE "C",	-- the CVE, else the source's own id
	summary text NOT NULL DEFAULT ''
);

CREATE TABLE advisory_vulnerability (
	advisory_id integer NOT NULL REFERENCES advisory,
	vulnerability_id integer NOT NULL REFERENCES vulnerability,
	PRIMARY KEY (advisory_id, vulnerability_id)
);
CREATE INDEX advisory_vulnerability_inverse ON advisory_vulnerability (vulnerability_id);

CREATE TABLE match (		-- one row for each advisory document that applies
	package_id integer NOT NULL REFERENCES package,
	advisory_id integer NOT NULL REFERENCES advisory,
	status text NOT NULL DEFAULT 'affected',
	fixed_version text NOT NULL DEFAULT '',
	severity smallint NOT NULL DEFAULT 0,
	rule text NOT NULL DEFAULT '',
	PRIMARY KEY (package_id, advisory_id)
);
CREATE INDEX match_inverse ON match (advisory_id);

CREATE TABLE finding (		-- package x vulnerability, never per image
	package_id integer NOT NULL REFERENCES package,
	vulnerability_id integer NOT NULL REFERENCES vulnerability,
	advisory_id integer NOT NULL REFERENCES advisory,	-- the deciding one
	status text NOT NULL,			-- VEX words
	severity smallint NOT NULL,
	fixed_version text NOT NULL DEFAULT '',
	rule text NOT NULL DEFAULT '',
	first_seen timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (package_id, vulnerability_id)
);
CREATE INDEX finding_inverse ON finding (vulnerability_id, package_id);

-- ------------------------------------------------------- derived counts, judgement
CREATE TABLE set_summary (
	set_id integer PRIMARY KEY REFERENCES package_set,
	critical integer NOT NULL, high integer NOT NULL, medium integer NOT NULL,
	low integer NOT NULL, negligible integer NOT NULL, unknown integer NOT NULL,
	fixable integer NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE repository_summary (
	repository_id integer PRIMARY KEY REFERENCES repository,
	images integer NOT NULL,
	failed integer NOT NULL, unknown_verdicts integer NOT NULL,
	critical bigint NOT NULL, high bigint NOT NULL, medium bigint NOT NULL,
	low bigint NOT NULL, negligible bigint NOT NULL, unknown bigint NOT NULL,
	as_of timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE policy (
	scope text PRIMARY KEY,			-- '' = the whole farm
	fail_on smallint NOT NULL,		-- enum severity: this bad or worse fails
	only_fixed boolean NOT NULL DEFAULT false,
	max_feed_age_s integer NOT NULL DEFAULT 0 CHECK (max_feed_age_s >= 0)	-- 0 = no limit
);
INSERT INTO policy VALUES ('', 4, false, 0);

CREATE TABLE verdict (
	image_state_id bigint NOT NULL REFERENCES image_state,
	scope text NOT NULL REFERENCES policy,
	verdict text NOT NULL CHECK (verdict IN ('pass', 'fail', 'unknown')),
	reasons text[] NOT NULL DEFAULT '{}',
	changed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (image_state_id, scope)
);

CREATE TABLE verdict_ledger (
	at timestamptz NOT NULL DEFAULT now(),
	image_state_id bigint NOT NULL,
	scope text NOT NULL,
	old text NOT NULL,			-- '' = first verdict
	new text NOT NULL,
	cause text NOT NULL CHECK (cause IN ('new_inventory', 'new_advisory',
	    'withdrawn', 'severity', 'policy', 'feed_age')),
	reference text NOT NULL DEFAULT ''	-- advisory, image digest, scope
) PARTITION BY RANGE (at);
CREATE TABLE verdict_ledger_rest PARTITION OF verdict_ledger DEFAULT;
CREATE INDEX verdict_ledger_state ON verdict_ledger (image_state_id, at);

-- ---------------------------------------------------------------------- work
CREATE TABLE inbox (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id integer NOT NULL REFERENCES registry,
	source text NOT NULL,			-- webhook source kind, "poll", "api"
	dedupe bytea NOT NULL,			-- sha256 of source, registry and event id or body
	body bytea NOT NULL,
	received_at timestamptz NOT NULL DEFAULT now(),
	processed_at timestamptz,
	error text NOT NULL DEFAULT '',
	UNIQUE (dedupe)
);
CREATE INDEX inbox_open ON inbox (id) WHERE processed_at IS NULL;

CREATE TABLE job (		-- open work only; finished rows are deleted
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('resolve', 'layer')),
	layer_id bigint REFERENCES layer,	-- of a layer job
	image_id bigint REFERENCES image,	-- of a resolve job by digest
	repository_id integer REFERENCES repository,	-- of a resolve job by tag
	tag text,
	hashes boolean NOT NULL DEFAULT false,	-- layer: path hashes are wanted
	priority smallint NOT NULL DEFAULT 0,	-- 0 push, 10 back-fill
	attempt integer NOT NULL DEFAULT 0,
	not_before timestamptz NOT NULL DEFAULT now(),
	last_error text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now(),
	CHECK ((kind = 'layer') = (layer_id IS NOT NULL)),
	CHECK ((tag IS NULL) = (repository_id IS NULL)),
	CHECK (kind = 'layer' OR (image_id IS NULL) <> (tag IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE UNIQUE INDEX job_layer ON job (layer_id) WHERE kind = 'layer';
CREATE UNIQUE INDEX job_image ON job (image_id) WHERE image_id IS NOT NULL;
CREATE UNIQUE INDEX job_tag ON job (repository_id, tag) WHERE tag IS NOT NULL;
CREATE INDEX job_ready ON job (priority, id);

CREATE TABLE attempt (		-- what became of each attempt that did not succeed
	at timestamptz NOT NULL DEFAULT now(),
	job_id bigint NOT NULL,
	kind text NOT NULL,
	target text NOT NULL,			-- digest or repository:tag
	attempt integer NOT NULL,
	worker text NOT NULL DEFAULT '',
	outcome text NOT NULL,			-- err_name(), or lost (lease ran out)
	reason text NOT NULL
);
CREATE INDEX attempt_at ON attempt (at);

CREATE TABLE worker (
	name text PRIMARY KEY,
	version text NOT NULL DEFAULT '',
	slots integer NOT NULL,
	in_flight integer NOT NULL DEFAULT 0,
	jobs_done bigint NOT NULL DEFAULT 0,
	bytes_read bigint NOT NULL DEFAULT 0,
	first_seen timestamptz NOT NULL DEFAULT now(),
	last_seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE worker_key (
	public_key text PRIMARY KEY,		-- Z85
	name text NOT NULL,
	added_at timestamptz NOT NULL DEFAULT now(),
	revoked_at timestamptz
);

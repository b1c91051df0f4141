-- scale.sql: sets, images and repositories of a synthetic farm, after its packages
-- (bench_scale packages).  psql -v images=N -v repositories=N -v os_sets=N -v app_sets=N
-- Shape: a set of an operating system holds about 200 of its distribution's packages,
-- the popular ones nearly always; a set of an application 5 to 150 of PyPI's.  An
-- image has one of the former and up to three of the latter; both are shared by Zipf.
-- Each set came in a layer that all images with the set share; above these lie three
-- layers of the repository and two of the image alone.
\set ON_ERROR_STOP 1
SET synchronous_commit = off;
SET work_mem = '256MB';
SET session_replication_role = replica;	-- what is drawn from rows needs no check of its foreign keys
SELECT setseed(0.42);
-- made again at the end: much quicker than row by row
DROP INDEX package_set_members, image_state_sets, image_layer_inverse;

-- packages by their rank in the ecosystem: the first are the most popular
CREATE TEMP TABLE p AS
SELECT id, namespace, row_number() OVER (PARTITION BY namespace ORDER BY substr(name, 2)::int, version) AS rank
  FROM package;
CREATE TEMP TABLE os AS
SELECT namespace, type, row_number() OVER (ORDER BY namespace) - 1 AS n, count(*) OVER () AS total, max(m.most) AS most
  FROM coverage JOIN (SELECT namespace, max(rank) AS most FROM p GROUP BY 1) m USING (namespace)
 WHERE type <> 'pypi' GROUP BY namespace, type;

-- members: a name of popularity u^3, so that the first tenth is in half of all
CREATE TEMP TABLE s AS
SELECT n, 'os' AS kind, (SELECT namespace FROM os WHERE os.n = floor(os.total * power(random(), 2)) + 0 * x.n LIMIT 1) AS namespace, 120 + floor(160 * random())::int AS size
  FROM generate_series(1, :os_sets) x(n)
UNION ALL
SELECT n, 'app', 'PyPI', 5 + floor(145 * power(random(), 1.5))::int FROM generate_series(1, :app_sets) x(n);
UPDATE s SET namespace = (SELECT namespace FROM os WHERE os.n = s.n % (SELECT max(total) FROM os)) WHERE namespace IS NULL;

CREATE TEMP TABLE member AS SELECT kind, n, namespace, '{}'::integer[] AS packages FROM s LIMIT 0;
DO $$
DECLARE
	ns text;
	ids integer[];	-- a variable: what a query would unpack again for each element
BEGIN
	FOR ns, ids IN SELECT namespace, array_agg(id ORDER BY rank) FROM p GROUP BY 1 ORDER BY 1 LOOP
		INSERT INTO member
		SELECT kind, n, ns, uniq(sort(ARRAY(SELECT ids[1 + floor(cardinality(ids) * power(random(), 3))::integer] FROM generate_series(1, s.size))))
		  FROM s WHERE namespace = ns;
	END LOOP;
END $$;
INSERT INTO package_set (digest, packages, coverage_id)
SELECT sha256(('set ' || m.kind || m.n)::bytea), m.packages, c.id FROM member m JOIN coverage c USING (namespace) ORDER BY m.n, m.kind;
ANALYZE package_set;

CREATE TEMP TABLE sets AS
SELECT row_number() OVER (PARTITION BY c.type = 'pypi' ORDER BY ps.id) AS n, count(*) OVER (PARTITION BY c.type = 'pypi') AS total,
       c.type = 'pypi' AS app, ps.id, c.namespace FROM package_set ps JOIN coverage c ON c.id = ps.coverage_id;
CREATE INDEX ON sets (app, n);
CREATE INDEX ON sets (id);
ANALYZE sets;

-- images: their state is their sets
CREATE TEMP TABLE i AS
SELECT g.n, ARRAY(SELECT DISTINCT x FROM unnest(ARRAY[o.id] || a.ids) x ORDER BY x) AS sets
  FROM (SELECT n, 1 + floor(:os_sets * power(random(), 3))::int AS os, floor(4 * power(random(), 1.5))::int AS apps
          FROM generate_series(1, :images) n) g
  JOIN sets o ON NOT o.app AND o.n = g.os
  CROSS JOIN LATERAL (SELECT coalesce(array_agg(1 + floor(:app_sets * power(random(), 2))::int), '{}') AS ns FROM generate_series(1, g.apps)) an
  CROSS JOIN LATERAL (SELECT coalesce(array_agg(t.id), '{}') AS ids FROM sets t WHERE t.app AND t.n = ANY (an.ns)) a;

INSERT INTO image_state (digest, sets, namespaces)
SELECT sha256(sets::text::bytea), sets, (SELECT array_agg(DISTINCT t.namespace) FROM sets t WHERE t.id = ANY (x.sets))
  FROM (SELECT DISTINCT sets FROM i) x;
ANALYZE image_state;
INSERT INTO image (digest, kind, state, image_state_id, os, architecture, pushed_at)
SELECT sha256(('image ' || i.n)::bytea), 'image', 'applied', st.id, 'linux', 'amd64', now() - random() * interval '300 days'
  FROM i JOIN image_state st ON st.digest = sha256(i.sets::text::bytea) ORDER BY i.n;
ANALYZE image;
INSERT INTO image_set (image_id, position, set_id)
SELECT i.id, (u.n - 1)::int, u.set_id FROM image i JOIN image_state st ON st.id = i.image_state_id, unnest(st.sets) WITH ORDINALITY u(set_id, n);

INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256, poll_interval_s) VALUES ('bench', 'http://bench', 'w', '', 0);
INSERT INTO repository (registry_id, name) SELECT 1, 'team' || n % 100 || '/app' || n FROM generate_series(1, :repositories) n;
INSERT INTO repository_image (repository_id, image_id)
SELECT 1 + floor(:repositories * power(random(), 3))::int, id FROM image;
INSERT INTO repository_image (repository_id, image_id)
SELECT 1 + floor(:repositories * random())::int, id FROM image WHERE id % 10 = 0 ON CONFLICT DO NOTHING;
INSERT INTO tag_history (repository_id, tag, image_id) SELECT repository_id, 'v' || image_id, image_id FROM repository_image;
INSERT INTO set_due SELECT id FROM package_set;
INSERT INTO repository_due SELECT id FROM repository;
INSERT INTO image_state_history (image_id, since, image_state_id) SELECT id, pushed_at, image_state_id FROM image;

-- layers
INSERT INTO layer (digest, state, size, tar_size, entries, analyses, analysed_at)
SELECT sha256(name::bytea), 'done', size, 3 * size, size / 10000, 1, now() - random() * interval '300 days'
  FROM (SELECT 'set ' || id AS name, 20000000 + id AS size FROM package_set
        UNION ALL SELECT 'repository ' || id || ' ' || n, 100000 + id FROM repository, generate_series(1, 3) n
        UNION ALL SELECT 'image ' || id || ' ' || n, 1000000 + id FROM image, generate_series(1, 2) n) x;
ANALYZE layer;
INSERT INTO image_layer (image_id, position, layer_id, diff_id, size, media_type, created_by)
SELECT x.image_id, row_number() OVER (PARTITION BY x.image_id ORDER BY x.position) - 1, l.id, sha256(l.digest), l.size,
       'application/vnd.oci.image.layer.v1.tar+gzip', 'RUN /bin/sh -c apt-get install -y package' || l.id % 1000 || ' # buildkit'
  FROM (SELECT image_id, position, 'set ' || set_id AS name FROM image_set
        UNION ALL SELECT image_id, 10 + n, 'repository ' || repository_id || ' ' || n
                    FROM (SELECT DISTINCT ON (image_id) image_id, repository_id FROM repository_image ORDER BY 1, 2) r, generate_series(1, 3) n
        UNION ALL SELECT id, 20 + n, 'image ' || id || ' ' || n FROM image, generate_series(1, 2) n) x
  JOIN layer l ON l.digest = sha256(x.name::bytea)
 ORDER BY x.image_id, x.position;
CREATE INDEX image_layer_inverse ON image_layer (layer_id, image_id);

-- what is known of exploitation
INSERT INTO kev SELECT 'BENCH-' || n * 100, '2026-01-01', '2026-02-01', n % 3 = 0 FROM generate_series(1, 1500) n;
INSERT INTO epss SELECT 'BENCH-' || n, random(), random() FROM generate_series(1, 150000) n;
INSERT INTO epss SELECT 'CVE-2026-' || n, random(), random() FROM generate_series(1, 150000) n;
CREATE INDEX package_set_members ON package_set USING gin (packages gin__int_ops) WITH (fastupdate = off);
CREATE INDEX image_state_sets ON image_state USING gin (sets gin__int_ops) WITH (fastupdate = off);
VACUUM (ANALYZE);

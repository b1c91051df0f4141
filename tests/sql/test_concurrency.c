/*
 * Writers that do not wait for each other: pushes, imports, removals and edits
 * of the policy, hundreds of transactions interleaved with the one matcher.
 * Whatever the order was, in the end no row differs from a rebuild, and a farm
 * that forgets all it derived and begins again says the same (measurements.md,
 * M8 and M22).  The seed is printed; SCANFARM_TEST_SEED repeats a run's choices,
 * though not its interleaving.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "common/log.h"
#include "coordinator/apply_store.h"
#include "coordinator/audit.h"
#include "coordinator/feed_import.h"
#include "coordinator/rematch.h"
#include "sql.h"
#include "tests/lib/database.h"
#include "tests/lib/farm.h"

#define PUSHERS 3
#define IMPORTERS 3
#define PUSHES 120		/* of each */
#define IMPORTS 60
#define EDITS 60
#define LAYERS 40
#define IMAGES 60
#define REPOSITORIES 6
#define NAMES 12
#define DOCUMENTS 40

static struct coordinator co;
static const uint8_t sip_key[16] = { 1 };
static uint64_t seed;
static _Atomic int writers;	/* that still write */
static _Atomic bool failed;

/* xorshift64*: a stream of choices for each writer. */
static uint64_t
next(uint64_t *x)
{
	*x ^= *x >> 12;
	*x ^= *x << 25;
	*x ^= *x >> 27;
	return (*x * 2685821657736338717u);
}

static int
pick(uint64_t *x, int n)
{
	return ((int)((next(x) >> 33) % (uint64_t)n));
}

static void
give_up(const char *what, const struct diag *d)
{
	if (!atomic_exchange(&failed, true))
		fprintf(stderr, "%s: %s\n", what, d->text);
}

static struct db *
session(void)
{
	struct db *db = NULL;
	struct diag d;

	if (db_open(database_conninfo, "test", &db, &d) < 0) {
		give_up("connect", &d);
		exit(1);
	}
	return (db);
}

/* ------------------------------------------------------------------- pushes */

/* Layer ${id}: some of the names, each in one of six versions, of Debian 12 and of
 * Python. */
static int
add_layer(struct db *db, int id, uint64_t *x, struct diag *d)
{
	struct inventory_file f[3] = {
		{ .path = STR_LIT("etc/os-release"), .kind = STR_LIT("os_release"),
		  .revision = 1, .attributes = STR_LIT("ID=debian\nVERSION_ID=12\n") },
		{ .path = STR_LIT("var/lib/dpkg/status"), .kind = STR_LIT("dpkg"), .revision = 1 },
		{ .path = STR_LIT("usr/lib/python3/x.dist-info/METADATA"), .kind = STR_LIT("pypi"), .revision = 1 } };
	struct package deb[NAMES], py[NAMES];
	char names[NAMES][16], versions[2 * NAMES][16];
	struct str paths[3], kinds[3], records[3];
	struct buf b[3];
	int rc;

	for (size_t i = 0; i < NAMES; i++) {
		struct package p = { .type = STR_LIT("deb"), .arch = STR_LIT("amd64") };

		snprintf(names[i], sizeof(names[i]), "name%zu", i);
		p.name = str_of(names[i]);
		snprintf(versions[i], sizeof(versions[i]), "1.%d-1", pick(x, 6));
		p.version = str_of(versions[i]);
		if (pick(x, 3) > 0)
			deb[f[1].n++] = p;
		p.type = str_of("pypi");
		p.arch = (struct str) { 0 };
		snprintf(versions[NAMES + i], sizeof(versions[i]), "1.%d", pick(x, 6));
		p.version = str_of(versions[NAMES + i]);
		if (pick(x, 6) == 0)
			py[f[2].n++] = p;
	}
	f[1].packages = deb;
	f[2].packages = py;
	for (size_t i = 0; i < 3; i++) {
		buf_init(&b[i], LIMIT_INVENTORY_BYTES);
		if (inventory_file_write(&b[i], &f[i]) < 0)
			abort();
		paths[i] = f[i].path;
		kinds[i] = f[i].kind;
		records[i] = buf_view(&b[i]);
	}
	if ((rc = DB_QUERY(db, "INSERT INTO layer (id, digest, state, size) OVERRIDING SYSTEM VALUE "
	    "VALUES ($1::bigint, sha256($1::text::bytea), 'done', 10)", NULL, d, db_int(id))) == 0)
		rc = DB_QUERY(db, sql_inventory_insert, NULL, d, db_int(id),
		    db_blobs(paths, 3), db_texts(kinds, 3),
		    db_ints((const int64_t[]) { 1, 1, 1 }, 3), db_blobs(records, 3),
		    db_int(0));
	for (size_t i = 0; i < 3; i++)
		buf_done(&b[i]);
	return (rc);
}

static int
do_push(struct db *db, uint64_t *x, struct diag *d)
{
	static _Atomic int images;
	int repository = 1 + pick(x, REPOSITORIES);
	int layers = 1 + pick(x, 2), id, rc = 0;

	if ((id = atomic_fetch_add(&images, 1) + 1) > IMAGES)
		id = 1 + pick(x, IMAGES);	/* one that is there already */
	else {
		if ((rc = DB_QUERY(db, "INSERT INTO image (id, digest, kind, state, dirty, pushed_at) OVERRIDING SYSTEM VALUE "
		    "VALUES ($1::bigint, sha256($1::text::bytea), 'image', 'resolved', true, now())", NULL, d, db_int(id))) < 0)
			return (rc);
		for (int i = 0; i < layers && rc == 0; i++)
			rc = DB_QUERY(db, "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) "
			    "VALUES ($1::bigint, $2::integer, $3::bigint, 10, '')", NULL, d, db_int(id), db_int(i),
			    db_int(1 + pick(x, LAYERS)));
		if (rc < 0)
			return (rc);
	}
	return (DB_QUERY(db, "INSERT INTO repository_image (repository_id, image_id) SELECT $1::integer, id FROM image WHERE id = $2::bigint "
	    "ON CONFLICT (repository_id, image_id) DO UPDATE SET gone_at = NULL", NULL, d, db_int(repository), db_int(id)));
}

static int
do_remove(struct db *db, uint64_t *x, struct diag *d)
{
	return (DB_QUERY(db, "UPDATE repository_image SET gone_at = CASE WHEN gone_at IS NULL THEN now() END "
	    "WHERE repository_id = $1::integer AND image_id % 3 = $2::bigint", NULL, d,
	    db_int(1 + pick(x, REPOSITORIES)), db_int(pick(x, 3))));
}

/* A layer turned out to be unreadable, or readable after all. */
static int
do_layer(struct db *db, uint64_t *x, struct diag *d)
{
	int64_t layer = 1 + pick(x, LAYERS);
	int rc = DB_QUERY(db, "UPDATE layer SET state = CASE state WHEN 'done' THEN 'incomplete' ELSE 'done' END, "
	    "reasons = CASE state WHEN 'done' THEN '{truncated}'::text[] ELSE '{}' END WHERE id = $1::bigint", NULL, d, db_int(layer));

	if (rc == 0)
		rc = DB_QUERY(db, sql_layer_images_dirty, NULL, d, db_int(layer));
	return (rc);
}

static void *
pusher(void *arg)
{
	uint64_t x = seed * 31 + (uint64_t)(uintptr_t)arg;
	struct db *db = session();
	struct diag d = { 0 };

	for (int i = 0; i < PUSHES && !atomic_load(&failed); i++) {
		int what = pick(&x, 10), rc;

		if ((rc = db_begin(db, &d)) == 0) {
			rc = what < 7 ? do_push(db, &x, &d) : what < 9 ?
			    do_remove(db, &x, &d) : do_layer(db, &x, &d);
			/* some hold what they wrote for a while, some give up */
			usleep((useconds_t)pick(&x, 4000));
			if (rc == 0 && pick(&x, 12) > 0)
				rc = db_commit(db, &d);
		}
		db_rollback(db);
		if (rc < 0 && rc != ERR_TEMPORARY)
			give_up("push", &d);
	}
	db_close(db);
	atomic_fetch_sub(&writers, 1);
	return (NULL);
}

/* ------------------------------------------------------------------ imports */

static const char *const ids[] = { "CVE-2026-", "GHSA-", "PYSEC-", "OTHER-" };

static void
name(char out[40], uint64_t *x)
{
	snprintf(out, 40, "%s%d", ids[pick(x, 4)], pick(x, DOCUMENTS / 4));
}

/* One document, with every choice that a matcher has to follow. */
static void
document(char out[2000], const char *id, uint64_t *x)
{
	static const char *const vectors[] = { "C:H/I:H/A:H", "C:L/I:N/A:N", "C:H/I:N/A:N" };
	char alias[40], upstream[40];
	int n;

	name(alias, x);
	name(upstream, x);
	n = snprintf(out, 2000, "{\"schema_version\":\"1.7.0\",\"id\":\"%s\",\"modified\":\"2026-01-%02dT00:00:00Z\","
	    "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/%s\"}]", id, 1 + pick(x, 28),
	    vectors[pick(x, 3)]);
	if (pick(x, 3) == 0)
		n += snprintf(out + n, 2000 - (size_t)n, ",\"aliases\":[\"%s\"]", alias);
	if (pick(x, 6) == 0)
		n += snprintf(out + n, 2000 - (size_t)n, ",\"upstream\":[\"%s\"]", upstream);
	if (pick(x, 8) == 0)
		n += snprintf(out + n, 2000 - (size_t)n, ",\"withdrawn\":\"2026-02-01T00:00:00Z\"");
	n += snprintf(out + n, 2000 - (size_t)n, ",\"affected\":[");
	for (int i = pick(x, 3); i >= 0; i--) {
		bool py = pick(x, 4) == 0;
		int fixed = pick(x, 8);

		n += snprintf(out + n, 2000 - (size_t)n, "{\"package\":{\"ecosystem\":\"%s\",\"name\":\"name%d\"},"
		    "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}", py ? "PyPI" : "Debian:12", pick(x, NAMES));
		if (fixed < 6)
			n += snprintf(out + n, 2000 - (size_t)n, ",{\"fixed\":\"1.%d%s\"}", fixed, py ? "" : "-1");
		n += snprintf(out + n, 2000 - (size_t)n, "]}]}%s", i > 0 ? "," : "");
	}
	snprintf(out + n, 2000 - (size_t)n, "]}");
}

static int
import(struct db *db, const char *feed, const char *text, struct diag *d)
{
	struct feed_result r = { 0 };
	int fd = memfd_create("feed", MFD_CLOEXEC), rc;

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	rc = feed_import_fd(db, &co, feed, fd, &(struct feed_options) { 0 }, &r,
	    d);
	feed_result_done(&r);
	close(fd);
	return (rc);
}

/* Some documents are lacking since a whole import. */
static int
do_gone(struct db *db, uint64_t *x, struct diag *d)
{
	int rc;

	if ((rc = db_begin(db, d)) < 0)
		return (rc);
	if ((rc = DB_QUERY(db, sql_feed_upsert, NULL, d, db_text(str_of("osv/PyPI")))) == 0 &&
	    (rc = DB_QUERY(db, "INSERT INTO feed_seen (feed, name) SELECT feed, name FROM advisory WHERE feed = 'osv/PyPI' AND id % 7 <> $1::bigint",
	    NULL, d, db_int(pick(x, 7)))) == 0 &&
	    (rc = DB_QUERY(db, sql_advisories_gone, NULL, d, db_text(str_of("osv/PyPI")))) == 0 &&
	    (rc = DB_QUERY(db, sql_feed_seen_delete, NULL, d, db_text(str_of("osv/PyPI")))) == 0)
		rc = db_commit(db, d);
	db_rollback(db);
	return (rc);
}

static void *
importer(void *arg)
{
	uint64_t x = seed * 37 + (uint64_t)(uintptr_t)arg;
	const char *feed = (uintptr_t)arg % 2 == 0 ? "osv/Debian" : "osv/PyPI";
	struct db *db = session();
	struct diag d = { 0 };
	int rc;

	for (int i = 0; i < IMPORTS && !atomic_load(&failed); i++) {
		char text[2000], id[40];

		name(id, &x);
		document(text, id, &x);
		rc = pick(&x, 15) == 0 ? do_gone(db, &x, &d) :
		    import(db, feed, text, &d);
		if (rc < 0 && rc != ERR_TEMPORARY)
			give_up("import", &d);
		usleep((useconds_t)pick(&x, 3000));
	}
	db_close(db);
	atomic_fetch_sub(&writers, 1);
	return (NULL);
}

/* -------------------------------------------------------------------- edits */

static void *
editor(void *arg)
{
	uint64_t x = seed * 41 + (uint64_t)(uintptr_t)arg;
	struct db *db = session();
	struct diag d = { 0 };

	for (int i = 0; i < EDITS && !atomic_load(&failed); i++) {
		int rc = pick(&x, 2) == 0 ?
		    DB_QUERY(db, "UPDATE policy SET fail_on = $1::smallint, only_fixed = $2::boolean, max_feed_age_s = $3::integer",
		    NULL, &d, db_int(1 + pick(&x, 5)), db_bool(pick(&x, 2)), db_int(pick(&x, 2) * 3600)) :
		    DB_QUERY(db, "UPDATE feed SET imported_at = now() - make_interval(mins => $1::integer)", NULL, &d, db_int(pick(&x, 2) * 90));

		if (rc < 0 && rc != ERR_TEMPORARY)
			give_up("edit", &d);
		usleep((useconds_t)pick(&x, 20000));
	}
	db_close(db);
	atomic_fetch_sub(&writers, 1);
	return (NULL);
}

/* -------------------------------------------------------------- the matcher */

static int
apply_images(struct db *db, struct diag *d)
{
	struct db_result *r = NULL;
	int rc, n;

	if ((rc = apply_store_take(db, 5, &r, d)) < 0)
		return (rc);
	n = (int)db_rows(r);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++)
		rc = apply_store(db, db_col_int(r, i, 0), sip_key, d);
	db_free(r);
	return (rc < 0 ? rc : n);
}

/* What matcher.c does, with batches so small that they cut everything apart. */
static int
batch_packages(struct db *db, struct diag *d)
{
	return (rematch_packages(db, 7, d));
}

static int
batch_advisories(struct db *db, struct diag *d)
{
	return (rematch_advisories(db, 3, d));
}

/* One round; work done, or < 0. */
static int
go_round(struct db *db, rematch_step *const *steps, struct diag *d)
{
	int rc = 0, n = 0;

	for (; *steps != NULL; steps++) {
		if ((rc = db_begin(db, d)) == 0 && (rc = (*steps)(db, d)) >= 0) {
			n += rc;
			rc = db_commit(db, d);
		}
		db_rollback(db);
		if (rc < 0)
			return (rc);
	}
	return (n);
}

static void *
matcher(void *arg)
{
	static rematch_step *const steps[] = { apply_images, batch_packages,
		rematch_new, batch_advisories, rematch_judge,
		rematch_repositories, NULL };
	struct db *db = session();
	struct diag d = { 0 };
	int n = 1, rc;

	(void)arg;
	if (rematch_prepare(db, &d) < 0)
		give_up("prepare", &d);
	while ((n > 0 || atomic_load(&writers) > 0) && !atomic_load(&failed)) {
		if ((rc = go_round(db, steps, &d)) < 0 && rc != ERR_TEMPORARY)
			give_up("matcher", &d);
		n = rc < 0 ? 1 : rc;
	}
	db_close(db);
	return (NULL);
}

/* ------------------------------------------------------------------ the end */

static void
as_rebuilt(struct db *db)
{
	struct audit_report *r = calloc(1, sizeof(*r));
	struct diag d;

	if (audit_compare(db, NULL, NULL, r, &d) < 0)
		fail_msg("%s", d.text);
	for (size_t i = 0; i < r->ndetails && i < 20; i++)
		print_error("%s\n", r->details[i].p);
	assert_int_equal(r->differences, 0);
	assert_true(r->rows > 100);
	audit_report_done(r);
	free(r);
}

/* Everything that people see, by names. */
static char *
said(struct db *db)
{
	return (strdup(database_value(db,
	    "SELECT md5(concat_ws(E'\\n', "
	    "(SELECT string_agg(concat_ws(' ', p.name, p.version, v.name, a.name, a.feed, f.status, f.severity, f.fixed_version, f.rule), E'\\n' "
	    "  ORDER BY p.type, p.name, p.version, v.name) FROM finding f JOIN package p ON p.id = f.package_id "
	    "  JOIN vulnerability v ON v.id = f.vulnerability_id JOIN advisory a ON a.id = f.advisory_id), "
	    "(SELECT string_agg(concat_ws(' ', image_state_id, verdict), E'\\n' ORDER BY image_state_id) FROM verdict), "
	    "(SELECT string_agg(concat_ws(' ', repository_id, images, failed, unknown_verdicts, critical, high, medium, low, negligible, unknown), "
	    "  E'\\n' ORDER BY repository_id) FROM repository_summary WHERE images > 0)))")));
}

static void
forget_all(struct db *db)
{
	database_run(db, "TRUNCATE match, finding, set_summary, verdict, repository_set, repository_summary, advisory_vulnerability, advisory_name, "
	    "vulnerability RESTART IDENTITY CASCADE");
	database_run(db, "UPDATE package SET matched = false");
	database_run(db, "INSERT INTO set_due SELECT id FROM package_set ON CONFLICT DO NOTHING");
	database_run(db, "UPDATE image_state SET matched = false");
	database_run(db, "UPDATE advisory SET changed = true");
	database_run(db, "UPDATE coverage SET has_feed = false, gap = '', weighs = true");
	database_run(db, "UPDATE policy SET fails = '{}', judged_feed_age_s = NULL");
	database_run(db, "INSERT INTO repository_due SELECT id FROM repository");
}

static void
test_every_interleaving_ends_as_a_rebuild(void **state)
{
	static rematch_step *const steps[] = { apply_images, rematch_new,
		rematch_changed, rematch_judge, rematch_repositories, NULL };
	pthread_t t[PUSHERS + IMPORTERS + 2];
	char *stored, *rebuilt;
	struct db *db = *state;
	struct diag d = { 0 };
	size_t n = 0;
	int rc;

	print_message("seed %llu\n", (unsigned long long)seed);
	atomic_store(&writers, PUSHERS + IMPORTERS + 1);
	for (uintptr_t i = 0; i < PUSHERS; i++)
		assert_int_equal(pthread_create(&t[n++], NULL, pusher, (void *)i), 0);
	for (uintptr_t i = 0; i < IMPORTERS; i++)
		assert_int_equal(pthread_create(&t[n++], NULL, importer, (void *)i), 0);
	assert_int_equal(pthread_create(&t[n++], NULL, editor, NULL), 0);
	assert_int_equal(pthread_create(&t[n++], NULL, matcher, NULL), 0);
	for (size_t i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	assert_false(atomic_load(&failed));
	assert_int_equal(rematch_prepare(db, &d), 0);
	as_rebuilt(db);
	print_message("%lld findings, %lld verdicts, %lld changes of them, %lld merges\n",
	    (long long)database_int(db, "SELECT count(*) FROM finding"),
	    (long long)database_int(db, "SELECT count(*) FROM verdict"),
	    (long long)database_int(db, "SELECT count(*) FROM verdict_ledger"),
	    (long long)database_int(db, "SELECT count(*) FROM vulnerability_merge"));
	assert_true(database_int(db, "SELECT count(*) FROM verdict_ledger") > database_int(db, "SELECT count(*) FROM verdict"));
	stored = said(db);
	forget_all(db);
	while ((rc = go_round(db, steps, &d)) > 0)
		;
	if (rc < 0)
		fail_msg("%s", d.text);
	as_rebuilt(db);
	rebuilt = said(db);
	assert_string_equal(stored, rebuilt);
	free(stored);
	free(rebuilt);
}

#define OF_NAME1(ecosystem) "{\"id\":\"FIRST\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"" \
	ecosystem "\",\"name\":\"name1\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.1-1\"}]}]}]}"

static int
set_up(void **state)
{
	const char *s = getenv("SCANFARM_TEST_SEED");
	struct diag d = { 0 };
	uint64_t x;
	struct db *db;

	seed = s != NULL ? strtoull(s, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
	x = seed | 1;
	log_init("test", LOG_LEVEL_WARN);
	if (farm_begin(&co, "concurrency", &db) < 0)
		return (-1);
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '')");
	database_run(db, "INSERT INTO repository (registry_id, name) SELECT 1, 'r' || n FROM generate_series(1, 6) n");
	/* a feed that is whole from the first on; all that follow are additions */
	farm_import_document(db, &co, "osv/Debian", str_of(OF_NAME1("Debian:12")));
	farm_import_document(db, &co, "osv/PyPI", str_of(OF_NAME1("PyPI")));
	for (int i = 1; i <= LAYERS; i++)
		if (add_layer(db, i, &x, &d) < 0)
			fail_msg("%s", d.text);
	*state = db;
	return (0);
}

static int
tear_down(void **state)
{
	farm_end(&co, *state);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_every_interleaving_ends_as_a_rebuild, set_up, tear_down),
	};

	return (cmocka_run_group_tests_name("concurrency", tests, NULL, NULL));
}

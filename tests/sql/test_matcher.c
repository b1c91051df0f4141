/*
 * The matcher in rows, with real imports through the sandboxed reader: whatever
 * comes first, packages or advisories, the findings are those of a rebuild from
 * scratch, and each change of a verdict stands in the ledger with its cause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "coordinator/apply_store.h"
#include "coordinator/feed_import.h"
#include "coordinator/reader.h"
#include "coordinator/rematch.h"
#include "sql.h"
#include "tests/lib/database.h"

#define FEED "osv/Debian"
#define BASH "{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"bash\"}," \
	"\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}," \
	"{\"fixed\":\"5.3-1\"}]}]}"
#define CVSS "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":" \
	"\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}]"
#define DOCUMENT(id, more) "{\"schema_version\":\"1.7.0\",\"id\":\"" id "\"," \
	"\"modified\":\"2026-01-01T00:00:00Z\"," more CVSS \
	",\"affected\":[" BASH "]}"
#define ONE DOCUMENT("CVE-2026-1", "")
#define ONE_WITHDRAWN DOCUMENT("CVE-2026-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\",")

static char conninfo[600];
static struct db *db;
static struct coordinator co;
static struct rematch m;
static const uint8_t sip_key[16] = { 1 };

static int
set_up(void **state)
{
	struct diag d;

	(void)state;
	if (launcher_start(reader_tasks, READERS, false, reader_warm_up,
	    &co.readers, &d) < 0) {
		print_error("%s\n", d.text);
		return (-1);
	}
	db = database_new("matcher", true, conninfo, sizeof(conninfo));
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	launcher_stop(co.readers);
	return (0);
}

static void
run(struct db *on, const char *sql)
{
	struct diag d;

	if (db_query0(on, sql, NULL, &d) < 0)
		fail_msg("%s: %s", sql, d.text);
}

static int
empty_farm(void **state)
{
	struct diag d;

	(void)state;
	run(db, "TRUNCATE registry, image, layer, package, package_set, image_state, feed, vulnerability, verdict_ledger "
	    "RESTART IDENTITY CASCADE");
	run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '')");
	run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'app'), (1, 'other')");
	m = (struct rematch) { .db = db };
	assert_int_equal(rematch_load_classes(&m, &d), 0);
	return (0);
}

static int
forget(void **state)
{
	(void)state;
	alias_free(m.classes);
	return (0);
}

/* One layer of Debian 12 with ${n} packages: bash 5.2-1, then p1, p2, ... */
static void
add_layer(int id, size_t n)
{
	struct inventory_file os = { .path = STR_LIT("etc/os-release"),
		.kind = STR_LIT("os_release"), .revision = 1,
		.attributes = STR_LIT("ID=debian\nVERSION_ID=12\n") };
	struct inventory_file f = { .path = STR_LIT("var/lib/dpkg/status"),
		.kind = STR_LIT("dpkg"), .revision = 1, .n = n };
	char (*names)[16] = calloc(n + 1, sizeof(*names));
	struct str paths[2] = { os.path, f.path }, kinds[2] = { os.kind, f.kind };
	struct str records[2];
	struct buf b[2];
	struct diag d;

	f.packages = calloc(n + 1, sizeof(*f.packages));
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), i == 0 ? "bash" : "p%zu", i);
		f.packages[i] = (struct package) { .type = STR_LIT("deb"),
			.name = str_of(names[i]), .version = STR_LIT("5.2-1"),
			.arch = STR_LIT("amd64") };
	}
	for (size_t i = 0; i < 2; i++) {
		buf_init(&b[i], LIMIT_INVENTORY_BYTES);
		assert_int_equal(inventory_file_write(&b[i], i == 0 ? &os : &f), 0);
		records[i] = buf_view(&b[i]);
	}
	assert_int_equal(DB_QUERY(db, "INSERT INTO layer (digest, state, size) VALUES (decode(lpad($1, 64, '0'), 'hex'), 'done', 10)",
	    NULL, &d, db_int(id)), 0);
	if (DB_QUERY(db, sql_inventory_insert, NULL, &d, db_int(id),
	    db_blobs(paths, 2), db_texts(kinds, 2), db_ints((const int64_t[]) {
	    1, 1 }, 2), db_blobs(records, 2)) < 0)
		fail_msg("%s", d.text);
	buf_done(&b[0]);
	buf_done(&b[1]);
	free(f.packages);
	free(names);
}

/* An image of that layer, in ${repository}, ready to be applied. */
static void
add_image(int64_t id, int64_t repository, int64_t layer)
{
	struct diag d;

	assert_int_equal(DB_QUERY(db, "INSERT INTO image (digest, kind, state, dirty, pushed_at) "
	    "VALUES (decode(lpad($1, 64, 'a'), 'hex'), 'image', 'resolved', true, now())", NULL, &d, db_int(id)), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) "
	    "VALUES ($1::bigint, 0, $2::bigint, 10, '')", NULL, &d, db_int(id), db_int(layer)), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO repository_image (repository_id, image_id) VALUES ($1::integer, $2::bigint)",
	    NULL, &d, db_int(repository), db_int(id)), 0);
}

static struct feed_result
import(const char *text)
{
	struct feed_result r = { 0 }, ret;
	int fd = memfd_create("feed", MFD_CLOEXEC);
	struct diag d;

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	if (feed_import_fd(db, &co, FEED, fd, &r, &d) < 0)
		fail_msg("%s", d.text);
	ret = r;
	feed_result_done(&r);
	close(fd);
	return (ret);	/* its numbers */
}

/* What the matcher's loop does until nothing is left. */
static void
settle(void)
{
	struct db_result *r = NULL;
	struct diag d = { 0 };
	int a, b = 0, c = 0, rounds = 0;

	do {
		assert_true(rounds++ < 20);
		assert_int_equal(db_begin(db, &d), 0);
		assert_int_equal(DB_QUERY(db, sql_images_dirty, &r, &d, db_int(100)), 0);
		for (size_t i = 0; i < db_rows(r); i++)
			if (apply_store(db, db_col_int(r, i, 0), sip_key, &d) < 0)
				fail_msg("%s", d.text);
		db_free(r);
		r = NULL;
		if ((a = rematch_packages(&m, 20000, &d)) < 0 ||
		    (b = rematch_new_states(&m, 1000, &d)) < 0 ||
		    (c = rematch_advisories(&m, 1000, &d)) < 0)
			fail_msg("%s", d.text);
		assert_int_equal(db_commit(db, &d), 0);
	} while (a + b + c > 0);
}

static void
as_rebuilt(void)
{
	struct diag d;
	int64_t n = -1;

	if (rematch_audit(&m, &n, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(n, 0);
}

static void
value_is(const char *sql, const char *want)
{
	assert_string_equal(database_value(db, sql), want);
}

#define VERDICT "SELECT string_agg(verdict, ',' ORDER BY reference) FROM dashboard.image"
#define LEDGER "SELECT string_agg(old || '>' || new || ':' || cause, ' ' ORDER BY at) FROM verdict_ledger"
#define FINDINGS "SELECT string_agg(concat_ws(' ', vulnerability, severity, package, version, fixed_version, layer), ',' ORDER BY vulnerability) FROM dashboard.finding"
#define FOUND "CVE-2026-1 critical bash 5.2-1 5.3-1 0"

static void
test_package_first(void **state)
{
	(void)state;
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	value_is(VERDICT, "unknown");		/* nobody speaks about Debian:12 */
	value_is("SELECT array_to_string(reasons, ';') LIKE '%Debian:12%' FROM dashboard.image", "t");
	assert_int_equal(import(ONE).changed, 1);
	settle();
	value_is(FINDINGS, FOUND);
	value_is(VERDICT, "fail");
	value_is(LEDGER, ">unknown:new_inventory unknown>fail:new_advisory");
	value_is("SELECT because FROM dashboard.verdict_change ORDER BY at DESC LIMIT 1", "CVE-2026-1");
	value_is("SELECT failed || '/' || images || ' ' || critical FROM dashboard.repository WHERE repository = 'app'", "1/1 1");
	value_is("SELECT images || ' ' || repositories FROM dashboard.exposure WHERE vulnerability = 'CVE-2026-1'", "1 1");
	as_rebuilt();
}

static void
test_advisory_first(void **state)
{
	(void)state;
	import(ONE);
	settle();
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	value_is(FINDINGS, FOUND);
	value_is(LEDGER, ">fail:new_inventory");
	value_is("SELECT judged_at IS NOT NULL FROM image", "t");
	as_rebuilt();
}

static void
test_the_same_again_changes_nothing(void **state)
{
	struct feed_result r;

	(void)state;
	add_layer(1, 2);
	add_image(1, 1, 1);
	import(ONE);
	settle();
	r = import(ONE);
	assert_int_equal(r.documents, 1);
	assert_int_equal(r.changed, 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM advisory WHERE changed"), 0);
	settle();
	value_is(LEDGER, ">fail:new_inventory");
}

static void
test_withdrawn_is_retracted(void **state)
{
	(void)state;
	add_layer(1, 2);
	add_image(1, 1, 1);
	import(ONE);
	settle();
	import(ONE_WITHDRAWN);
	settle();
	value_is("SELECT count(*) FROM finding", "0");
	value_is("SELECT count(*) FROM match", "0");
	value_is(VERDICT, "pass");
	value_is(LEDGER, ">fail:new_inventory fail>pass:withdrawn");
	value_is("SELECT failed || '/' || images || ' ' || critical FROM dashboard.repository WHERE repository = 'app'", "0/1 0");
	as_rebuilt();
}

/* Two documents with no common name are two findings, until a third joins them. */
static void
test_aliases_join_later(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(DOCUMENT("GHSA-1", ""));
	import(DOCUMENT("CVE-2026-1", ""));
	settle();
	value_is("SELECT count(*) FROM finding", "2");
	import(DOCUMENT("PYSEC-1", "\"aliases\":[\"CVE-2026-1\",\"GHSA-1\"],"));
	settle();
	value_is(FINDINGS, FOUND);
	value_is("SELECT count(*) FROM match", "3");
	as_rebuilt();
}

/* A push and an import that do not see each other (measurements.md, M8). */
static void
test_import_beside_a_push(void **state)
{
	struct db *other = NULL;
	struct diag d;

	(void)state;
	import(ONE_WITHDRAWN);
	settle();
	assert_int_equal(db_open(conninfo, "test", &other, &d), 0);
	run(other, "SET lock_timeout = '5s'");
	run(db, "SET lock_timeout = '5s'");
	/* replaced, not committed, while the matcher goes round */
	run(db, "UPDATE advisory SET changed = true");
	assert_int_equal(db_begin(other, &d), 0);
	run(other, "UPDATE advisory SET changed = true, summary = 'new'");
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	assert_int_equal(db_commit(other, &d), 0);
	value_is("SELECT changed FROM advisory", "t");	/* not lost */
	import(ONE);
	settle();
	value_is("SELECT changed FROM advisory", "f");
	value_is(FINDINGS, FOUND);
	as_rebuilt();
	db_close(other);
}

/* A second image with what is known already: judged, counted, nothing matched. */
static void
test_known_content_in_another_repository(void **state)
{
	(void)state;
	import(ONE);
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	add_image(2, 2, 1);
	settle();
	value_is("SELECT count(*) FROM image_state", "1");
	value_is("SELECT count(*) FROM package_set", "1");
	value_is(VERDICT, "fail,fail");
	value_is("SELECT failed || '/' || images FROM dashboard.repository WHERE repository = 'other'", "1/1");
	value_is(LEDGER, ">fail:new_inventory");
}

/* While advisories wait to be matched nothing becomes "pass" for want of them. */
static void
test_no_pass_in_the_middle_of_a_feed(void **state)
{
	struct diag d;

	(void)state;
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	value_is(VERDICT, "unknown");
	import(DOCUMENT("CVE-2026-0", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	import(ONE);
	add_layer(2, 1);
	add_image(2, 1, 2);
	assert_int_equal(apply_store(db, 2, sip_key, &d), 0);
	assert_int_equal(rematch_packages(&m, 20000, &d), 0);
	assert_int_equal(rematch_advisories(&m, 1, &d), 1);
	assert_true(rematch_new_states(&m, 1000, &d) >= 0);
	value_is("SELECT string_agg(coalesce(verdict, 'none'), ',' ORDER BY first_seen) FROM dashboard.image", "unknown,none");
	settle();
	value_is(VERDICT, "fail,fail");
	value_is("SELECT count(*) FROM verdict_ledger WHERE new = 'pass'", "0");
	as_rebuilt();
}

static void
test_an_unreadable_layer_is_unknown(void **state)
{
	(void)state;
	import(DOCUMENT("CVE-2026-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	add_layer(1, 2);
	add_image(1, 1, 1);
	run(db, "UPDATE layer SET state = 'incomplete', reasons = '{truncated}'");
	settle();
	value_is(VERDICT, "unknown");
	run(db, "UPDATE layer SET state = 'done', reasons = '{}'");
	run(db, "UPDATE image SET dirty = true");
	/* a record that is none */
	run(db, "UPDATE inventory SET record = '\\x93ff' WHERE kind = 'dpkg'");
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT array_to_string(reasons, ';') LIKE '%cannot be read%' FROM dashboard.image", "t");
}

static void
test_an_image_without_packages_passes(void **state)
{
	(void)state;
	add_layer(1, 0);
	add_image(1, 1, 1);
	settle();
	value_is(VERDICT, "pass");
}

static void
test_ten_thousand_packages(void **state)
{
	(void)state;
	import(ONE);
	add_layer(1, 10000);
	add_image(1, 1, 1);
	settle();
	assert_int_equal(database_int(db, "SELECT packages FROM dashboard.image"), 10000);
	value_is(FINDINGS, FOUND);
	as_rebuilt();
}

#define T(f) cmocka_unit_test_setup_teardown(f, empty_farm, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_package_first),
		T(test_advisory_first),
		T(test_the_same_again_changes_nothing),
		T(test_withdrawn_is_retracted),
		T(test_aliases_join_later),
		T(test_import_beside_a_push),
		T(test_known_content_in_another_repository),
		T(test_no_pass_in_the_middle_of_a_feed),
		T(test_an_unreadable_layer_is_unknown),
		T(test_an_image_without_packages_passes),
		T(test_ten_thousand_packages),
	};

	return (cmocka_run_group_tests_name("matcher", tests, set_up, tear_down));
}

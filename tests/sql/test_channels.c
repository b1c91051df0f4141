/*
 * Channels in rows: what an image's layers say they were built from and what is
 * known of repositories decide which of Red Hat's fixes reach its packages, and
 * when that changes the images that name repositories are applied again, without
 * their layers being read.
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
#include "common/mem.h"
#include "coordinator/apply_store.h"
#include "coordinator/audit.h"
#include "coordinator/feed_import.h"
#include "coordinator/reader.h"
#include "coordinator/rematch.h"
#include "sql.h"
#include "tests/lib/database.h"
#include "tests/lib/slurp.h"

#define REPOSITORY(name, cpe) "\"" name "\":{\"cpes\":[\"" cpe "\"]}"
#define REPOSITORIES(...) "{\"data\":{" __VA_ARGS__ "}}"
#define EUS "cpe:/o:redhat:rhel_eus:9.2::baseos"
#define MAIN "cpe:/o:redhat:enterprise_linux:9::baseos"

static struct db *db;
static struct coordinator co;
static const uint8_t sip_key[16] = { 1 };

static int
set_up(void **state)
{
	static char conninfo[600];
	struct diag d;

	(void)state;
	if (launcher_start(reader_tasks, READERS, false, reader_warm_up,
	    &co.readers, &d) < 0) {
		print_error("%s\n", d.text);
		return (-1);
	}
	db = database_new("channels", true, conninfo, sizeof(conninfo));
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
run(const char *sql)
{
	struct diag d;

	if (db_query0(db, sql, NULL, &d) < 0)
		fail_msg("%s: %s", sql, d.text);
}

/* A layer of RHEL 9 with an openssl of 9.2, built from ${sets} (NULL: not said). */
static void
add_layer(int64_t id, const char *sets)
{
	char *attributes = mem_printf("CONTENT_SETS=%s\n", sets != NULL ? sets :
	    "");
	struct package p = { .type = STR_LIT("rpm"), .name = STR_LIT("openssl"),
		.version = STR_LIT("1:3.0.7-18.el9_2"), .arch =
		STR_LIT("x86_64"), .source_name = STR_LIT("openssl"),
		.source_version = STR_LIT("3.0.7-18.el9_2"),
		.vendor = STR_LIT("Red Hat, Inc.") };
	struct inventory_file files[3] = {
		{ .path = STR_LIT("etc/os-release"), .kind =
		    STR_LIT("os_release"), .revision = 1, .attributes =
		    STR_LIT("ID=rhel\nVERSION_ID=9.2\n") },
		{ .path = STR_LIT("var/lib/rpm/rpmdb.sqlite"), .kind =
		    STR_LIT("rpm"), .revision = 1, .packages = &p, .n = 1 },
		{ .path = STR_LIT("root/buildinfo/content_manifests/x.json"),
		    .kind = STR_LIT("content_sets"), .revision = 1,
		    .attributes = str_of(attributes) } };
	size_t n = sets != NULL ? 3 : 2;
	struct str paths[3], kinds[3], records[3];
	struct buf b[3];
	struct diag d;

	for (size_t i = 0; i < n; i++) {
		buf_init(&b[i], LIMIT_INVENTORY_BYTES);
		assert_int_equal(inventory_file_write(&b[i], &files[i]), 0);
		records[i] = buf_view(&b[i]);
		paths[i] = files[i].path;
		kinds[i] = files[i].kind;
	}
	assert_int_equal(DB_QUERY(db, "INSERT INTO layer (digest, state, size) VALUES (decode(lpad($1, 64, '0'), 'hex'), 'done', 10)",
	    NULL, &d, db_int(id)), 0);
	assert_int_equal(DB_QUERY(db, sql_inventory_insert, NULL, &d, db_int(id),
	    db_blobs(paths, n), db_texts(kinds, n), db_ints((const int64_t[]) {
	    1, 1, 1 }, n), db_blobs(records, n)), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO image (digest, kind, state, dirty, pushed_at) "
	    "VALUES (decode(lpad($1, 64, 'a'), 'hex'), 'image', 'resolved', true, now())", NULL, &d, db_int(id)), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) "
	    "VALUES ($1::bigint, 0, $1::bigint, 10, '')", NULL, &d, db_int(id)), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO repository_image (repository_id, image_id) VALUES (1, $1::bigint)",
	    NULL, &d, db_int(id)), 0);
	for (size_t i = 0; i < n; i++)
		buf_done(&b[i]);
	free(attributes);
}

/* Images: 1 says nothing, 2 names a repository, 3 one whose name tells all. */
static int
farm(void **state)
{
	struct diag d;

	(void)state;
	run("TRUNCATE registry, image, layer, package, package_set, image_state, coverage, feed, vulnerability, match, finding, "
	    "advisory_vulnerability, advisory_name, repository_set, vulnerability_merge, verdict_ledger, rejudge, repository_due, content_set "
	    "RESTART IDENTITY CASCADE");
	run("INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '')");
	run("INSERT INTO repository (registry_id, name) VALUES (1, 'app')");
	assert_int_equal(rematch_prepare(db, &d), 0);
	add_layer(1, NULL);
	add_layer(2, "our-product-rpms__9");
	add_layer(3, "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2");
	return (0);
}

static int
import_str(const char *feed, struct str s, bool accept, struct feed_result *ret,
    struct diag *d)
{
	int fd = memfd_create("feed", MFD_CLOEXEC), rc;

	*ret = (struct feed_result) { 0 };
	assert_int_equal(write(fd, s.p, s.n), (ssize_t)s.n);
	lseek(fd, 0, SEEK_SET);
	rc = feed_import_fd(db, &co, feed, fd,
	    &(struct feed_options) { .accept_missing = accept }, ret, d);
	close(fd);
	return (rc);
}

static struct feed_result
import(const char *text, bool accept)
{
	struct feed_result r, numbers;
	struct diag d;

	if (import_str("redhat_repositories", str_of(text), accept, &r, &d) < 0)
		fail_msg("%s", d.text);
	numbers = r;
	feed_result_done(&r);
	return (numbers);
}

/* What the matcher's loop does until nothing is left, and that it is what a
 * rebuild from scratch gives. */
static void
settle(void)
{
	static rematch_step *const steps[] = { rematch_new, rematch_changed,
		rematch_judge, rematch_repositories };
	struct audit_report *report = mem_alloc(sizeof(*report));
	struct db_result *r = NULL;
	struct diag d = { 0 };
	int rc, n, rounds = 0;

	do {
		assert_true(rounds++ < 20);
		assert_int_equal(db_begin(db, &d), 0);
		assert_int_equal(DB_QUERY(db, sql_images_dirty, &r, &d, db_int(100)), 0);
		n = (int)db_rows(r);
		for (size_t i = 0; i < db_rows(r); i++)
			if (apply_store(db, db_col_int(r, i, 0), sip_key, &d) < 0)
				fail_msg("%s", d.text);
		db_free(r);
		r = NULL;
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++, n += rc)
			if ((rc = steps[i](db, &d)) < 0)
				fail_msg("%s", d.text);
		assert_int_equal(db_commit(db, &d), 0);
	} while (n > 0);
	memset(report, 0, sizeof(*report));
	if (audit_compare(db, NULL, NULL, report, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(report->differences, 0);
	audit_report_done(report);
	free(report);
}

/* Images with a finding, and how many are waiting to be applied. */
static void
found(const char *want)
{
	assert_string_equal(database_value(db, "SELECT coalesce(string_agg(DISTINCT i.id::text, ' ' ORDER BY i.id::text), '') FROM image i "
	    "JOIN image_set s ON s.image_id = i.id JOIN package_set m ON m.id = s.set_id JOIN finding f ON f.package_id = ANY (m.packages)"),
	    want);
}

static void
waiting(int64_t want)
{
	assert_int_equal(database_int(db, "SELECT count(*) FROM image WHERE dirty"), want);
}

static void
import_advisory(void)
{
	struct buf in = slurp("tests/coordinator/matcher/feed/csaf/redhat-channels.in");
	struct feed_result r;
	struct diag d;

	if (import_str("csaf/redhat", buf_view(&in), false, &r, &d) < 0)
		fail_msg("%s", d.text);
	feed_result_done(&r);
	buf_done(&in);
}

static void
test_what_is_known_of_repositories_changes_what_is_found(void **state)
{
	struct feed_result r;

	(void)state;
	import_advisory();
	settle();
	found("1 2");
	r = import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS)), false);
	assert_int_equal(r.documents, 1);
	assert_int_equal(r.changed, 1);
	waiting(2);			/* not the one that names none */
	settle();
	found("1");
	assert_string_equal(database_value(db, "SELECT string_agg(DISTINCT channels, ',' ORDER BY channels) FROM package"), ",rhel_eus:9.2");
	/* the same again is nothing to do */
	assert_int_equal(import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS)), false).changed, 0);
	waiting(0);
	/* another line, and none any more */
	assert_int_equal(import(REPOSITORIES(REPOSITORY("our-product-rpms", MAIN)), false).changed, 1);
	settle();
	found("1 2");
	import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS)), false);
	settle();
	found("1");
	assert_int_equal(import(REPOSITORIES(REPOSITORY("other", EUS)), true).gone, 1);
	settle();
	found("1 2");
	assert_string_equal(database_value(db, "SELECT concat_ws(' ', name, documents, error) FROM dashboard.feed WHERE name LIKE 'red%'"),
	    "redhat_repositories 1 ");
}

static void
test_packages_that_come_later_find_it_known(void **state)
{
	(void)state;
	import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS)), false);
	settle();
	import_advisory();
	settle();
	found("1");
}

static void
test_packages_of_other_rules_get_new_keys(void **state)
{
	(void)state;
	import_advisory();
	settle();
	found("1 2");
	/* as a migration that changes the rules leaves them */
	run("UPDATE package_key SET name = 'old', key = ''");
	run("UPDATE package SET keyed = false, matched = false");
	settle();
	found("1 2");
	assert_int_equal(database_int(db, "SELECT count(*) FROM package WHERE NOT keyed OR NOT matched"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM package_key WHERE name = 'old'"), 0);
}

static void
test_a_deleted_document_takes_back_what_it_said(void **state)
{
	static const char deleted[] = "{\"document\":{\"tracking\":{\"id\":\"CVE-2024-9\",\"status\":\"deleted\"}}}";
	struct feed_result r;
	struct diag d;

	(void)state;
	import_advisory();
	settle();
	found("1 2");
	assert_int_equal(import_str("csaf/redhat", str_of(deleted), false, &r, &d), 0);
	assert_int_equal(r.changed, 1);
	feed_result_done(&r);
	settle();
	found("");
}

static void
test_a_file_that_lacks_much_is_held_back(void **state)
{
	struct feed_result r;

	(void)state;
	import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS) "," REPOSITORY("b", EUS)), false);
	settle();
	r = import(REPOSITORIES(REPOSITORY("b", EUS)), false);
	assert_int_equal(r.missing, 1);
	assert_int_equal(r.gone, 0);
	waiting(0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM content_set"), 2);
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.feed WHERE error LIKE '%lacks 1%'"), 1);
}

static void
test_a_damaged_file_leaves_what_was(void **state)
{
	static const char *const bad[] = { "{\"data\":{\"a\":{\"cpes\":[\"cpe:/o", "{\"data\":{}}", "{}", "[1]", "x" };
	struct feed_result r;
	struct diag d;

	(void)state;
	import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS)), false);
	settle();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(import_str("redhat_repositories", str_of(bad[i]), true, &r, &d) < 0);
		feed_result_done(&r);
	}
	waiting(0);
	assert_string_equal(database_value(db, "SELECT string_agg(name || ' ' || cpes, ',') FROM content_set"), "our-product-rpms " EUS);
	/* one bad entry among good ones is named */
	assert_int_equal(import(REPOSITORIES(REPOSITORY("our-product-rpms", EUS) ",\"c\":{}"), false).malformed, 1);
	waiting(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_known_of_repositories_changes_what_is_found, farm),
		cmocka_unit_test_setup(test_packages_that_come_later_find_it_known, farm),
		cmocka_unit_test_setup(test_packages_of_other_rules_get_new_keys, farm),
		cmocka_unit_test_setup(test_a_deleted_document_takes_back_what_it_said, farm),
		cmocka_unit_test_setup(test_a_file_that_lacks_much_is_held_back, farm),
		cmocka_unit_test_setup(test_a_damaged_file_leaves_what_was, farm),
	};

	return (cmocka_run_group_tests_name("channels", tests, set_up, tear_down));
}

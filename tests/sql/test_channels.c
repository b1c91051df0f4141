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
#include <stdlib.h>
#include "common/mem.h"
#include "coordinator/audit.h"
#include "coordinator/rematch.h"
#include "tests/lib/database.h"
#include "tests/lib/farm.h"
#include "tests/lib/slurp.h"

#define REPOSITORY(name, cpe) "\"" name "\":{\"cpes\":[\"" cpe "\"]}"
#define REPOSITORIES(...) "{\"data\":{" __VA_ARGS__ "}}"
#define EUS "cpe:/o:redhat:rhel_eus:9.2::baseos"
#define MAIN "cpe:/o:redhat:enterprise_linux:9::baseos"

static struct db *db;
static struct coordinator co;

static int
set_up(void **state)
{
	(void)state;
	return (farm_begin(&co, "channels", &db));
}

static int
tear_down(void **state)
{
	(void)state;
	farm_end(&co, db);
	return (0);
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

	farm_layer(db, id, files, sets != NULL ? 3 : 2);
	farm_image(db, id, 1, id);
	free(attributes);
}

/* Images: 1 says nothing, 2 names a repository, 3 one whose name tells all. */
static int
farm(void **state)
{
	struct diag d;

	(void)state;
	database_run(db, "TRUNCATE registry, image, layer, package, package_set, image_state, coverage, feed, vulnerability, match, finding, "
	    "advisory_vulnerability, advisory_name, repository_set, vulnerability_merge, verdict_ledger, rejudge, repository_due, content_set "
	    "RESTART IDENTITY CASCADE");
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '')");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'app')");
	assert_int_equal(rematch_prepare(db, &d), 0);
	add_layer(1, NULL);
	add_layer(2, "our-product-rpms__9");
	add_layer(3, "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2");
	return (0);
}

static struct feed_result
import(const char *text, bool accept)
{
	return (farm_import(db, &co, "redhat_repositories", str_of(text), accept));
}

/* The matcher is done, and all is as a rebuild from scratch gives it. */
static void
settle(void)
{
	struct audit_report *report = mem_alloc(sizeof(*report));
	struct diag d;

	farm_settle(db);
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

	farm_import(db, &co, "csaf/redhat", buf_view(&in), false);
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
	database_run(db, "UPDATE package_key SET name = 'old', key = ''");
	database_run(db, "UPDATE package SET keyed = false, matched = false");
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
	assert_int_equal(farm_import_try(db, &co, "csaf/redhat", str_of(deleted), false, &r, &d), 0);
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
		assert_true(farm_import_try(db, &co, "redhat_repositories", str_of(bad[i]), true, &r, &d) < 0);
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

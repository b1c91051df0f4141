/*
 * The matcher in rows, with real imports through the sandboxed reader: whatever
 * comes first, packages or advisories, the findings are those of a rebuild from
 * scratch, and each change of a verdict stands in the ledger with its cause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/apply_store.h"
#include "coordinator/audit.h"
#include "coordinator/rematch.h"
#include "coordinator/sweep.h"
#include "coordinator/verdict.h"
#include "sql.h"
#include "tests/lib/database.h"
#include "tests/lib/farm.h"
#include "tests/lib/farm_packages.h"

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

static struct db *db;
static struct coordinator co;
static const uint8_t sip_key[16] = { 1 };

static int
set_up(void **state)
{
	(void)state;
	return (farm_begin(&co, "matcher", &db));
}

static int
tear_down(void **state)
{
	(void)state;
	farm_end(&co, db);
	return (0);
}

static int
empty_farm(void **state)
{
	struct diag d;

	(void)state;
	database_run(db, "UPDATE farm SET revision = 0");
	database_run(db, "TRUNCATE registry, image, layer, package, package_set, image_state, coverage, feed, vulnerability, match, finding, "
	    "advisory_vulnerability, advisory_name, repository_set, vulnerability_merge, verdict_ledger, rejudge, repository_due, kev, epss, kev_due "
	    "RESTART IDENTITY CASCADE");
	database_run(db, "UPDATE policy SET fail_on = 4, only_fixed = false, max_feed_age_s = 0, fails = '{}', judged_feed_age_s = NULL, fail_on_kev = false, judged_kev = 0");
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '')");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'app'), (1, 'other')");
	assert_int_equal(rematch_prepare(db, &d), 0);
	return (0);
}

static const char *debian = "ID=debian\nVERSION_ID=12\n";

/* One layer of that Debian with ${n} packages: bash 5.2-1, then p1, p2, ...; with none
 * it is of a system that has no database of packages either. */
static void
add_layer(int id, size_t n)
{
	struct inventory_file files[] = {
		{ .path = STR_LIT("etc/os-release"),
		    .kind = STR_LIT("os_release"), .revision = 1,
		    .attributes = str_of(debian) },
		{ .path = STR_LIT("var/lib/dpkg/status"),
		    .kind = STR_LIT("dpkg"), .revision = 1, .n = n },
	};
	char (*names)[16] = calloc(n + 1, sizeof(*names));
	struct package *p = calloc(n + 1, sizeof(*p));

	if (n == 0)
		files[0].attributes = str_of("ID=flatcar\nVERSION_ID=4081\n");
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), i == 0 ? "bash" : "p%zu", i);
		p[i] = (struct package) { .type = STR_LIT("deb"),
			.name = str_of(names[i]), .version = STR_LIT("5.2-1"),
			.arch = STR_LIT("amd64") };
	}
	files[1].packages = p;
	farm_layer(db, id, files, n > 0 ? 2 : 1);
	free(p);
	free(names);
}

static void
add_image(int64_t id, int64_t repository, int64_t layer)
{
	farm_image(db, id, repository, layer);
}

static struct feed_result
import_as(const char *feed, const char *text, bool accept_missing)
{
	return (farm_import(db, &co, feed, str_of(text), accept_missing));
}

static struct feed_result
import(const char *text)
{
	return (farm_import_document(db, &co, FEED, str_of(text)));
}

/* A zip of CVE-2026-${from} to ${to}, all about bash; each ${damage}th is cut. */
static struct feed_result
import_numbers(int from, int to, int damage, bool accept_missing)
{
	static const char first[] = "{\"schema_version\":\"1.7.0\",\"id\":\"CVE-2026-%d\",\"modified\":\"2026-01-01T00:00:00Z\"," CVSS;
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	static char zip[1 << 20];
	size_t used = 0;

	archive_write_set_format_zip(a);
	assert_int_equal(archive_write_open_memory(a, zip, sizeof(zip), &used), ARCHIVE_OK);
	for (int i = from; i <= to; i++) {
		char name[40], text[1000];
		int n;

		n = snprintf(text, sizeof(text), first, i);
		if (damage == 0 || i % damage != 0)
			n += snprintf(text + n, sizeof(text) - (size_t)n, ",\"affected\":[" BASH "]}");
		snprintf(name, sizeof(name), "CVE-2026-%d.json", i);
		archive_entry_clear(e);
		archive_entry_set_pathname(e, name);
		archive_entry_set_size(e, n);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		assert_int_equal(archive_write_data(a, text, (size_t)n), n);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	return (farm_import(db, &co, FEED, str_n(zip, used), accept_missing));
}

/* A zip of CVE-2026-1 as of each of the ${n} years, called so in its summary, each
 * followed by ${between} other documents. */
static struct feed_result
import_copies(const char *const *years, size_t n, int between)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	static char zip[2 << 20];
	size_t used = 0;
	int len;

	archive_write_set_format_zip(a);
	assert_int_equal(archive_write_open_memory(a, zip, sizeof(zip), &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k <= between; k++) {
			char name[40], text[500];

			if (k == 0)
				len = snprintf(text, sizeof(text), "{\"id\":\"CVE-2026-1\",\"modified\":\"%.4s-01-01T00:00:00Z\",\"summary\":\"%s\"}",
				    years[i], years[i]);
			else
				len = snprintf(text, sizeof(text), "{\"id\":\"CVE-2025-%zu%d\",\"modified\":\"2025-01-01T00:00:00Z\"}", i, 10000 + k);
			snprintf(name, sizeof(name), "%zu-%d.json", i, k);
			archive_entry_clear(e);
			archive_entry_set_pathname(e, name);
			archive_entry_set_size(e, len);
			archive_entry_set_filetype(e, AE_IFREG);
			archive_entry_set_perm(e, 0644);
			assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
			assert_int_equal(archive_write_data(a, text, (size_t)len), len);
		}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	return (farm_import(db, &co, FEED, str_n(zip, used), true));
}

#define OF_RELEASE(release, id) "{\"schema_version\":\"1.7.0\",\"id\":\"" id "\",\"modified\":\"2026-01-01T00:00:00Z\"," \
	"\"affected\":[{\"package\":{\"ecosystem\":\"Debian:" release "\",\"name\":\"bash\"},\"ranges\":[{\"type\":\"ECOSYSTEM\"," \
	"\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.0-1\"}]}]}]}"

/* A change that its source told of. */
static void
import_update(const char *text)
{
	const struct feed_options o = { .partial = true, .origin.url = STR_LIT("http://feed.example/list") };
	int fd = memfd_create("feed", MFD_CLOEXEC);
	struct feed_result r = { 0 };
	struct diag d;

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	if (feed_import_fd(db, &co, FEED, fd, &o, &r, &d) < 0)
		fail_msg("%s", d.text);
	feed_result_done(&r);
	close(fd);
}

static void
apply(int64_t image)
{
	struct diag d;

	assert_int_equal(db_begin(db, &d), 0);
	if (apply_store(db, image, sip_key, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(db_commit(db, &d), 0);
}

static void
settle(void)
{
	farm_settle(db);
}

/* The rows that differ from a rebuild, one text. */
static const char *
audit(void)
{
	struct audit_report *r = calloc(1, sizeof(*r));
	static char text[4096];
	struct diag d;

	if (audit_compare(db, NULL, NULL, r, &d) < 0)
		fail_msg("%s", d.text);
	text[0] = '\0';
	for (size_t i = 0; i < r->ndetails; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s\n", r->details[i].p);
	assert_int_equal(r->differences == 0, text[0] == '\0');
	audit_report_done(r);
	free(r);
	return (text);
}

/* The changes of verdicts are where dashboard.image_verdict_as_of() has another one than at the last time at which it had
 * any: by two ways from what is stored. */
static void
changes_are_as_of(void)
{
	assert_string_equal(database_value(db,
	    "WITH t AS (SELECT image_id, since AS at FROM image_state_history "
	    "UNION SELECT h.image_id, l.at FROM image_state_history h JOIN verdict_ledger l USING (image_state_id)), "
	    "v AS (SELECT t.image_id, t.at, coalesce(lag(a.verdict) OVER (PARTITION BY t.image_id ORDER BY t.at), '') AS old, a.verdict AS new "
	    "FROM t CROSS JOIN LATERAL dashboard.image_verdict_as_of(t.image_id, t.at) a), "
	    "want AS (SELECT r.reference, r.digest, v.at, v.old, v.new FROM v JOIN dashboard.reference r USING (image_id) WHERE v.new <> v.old), "
	    "got AS (SELECT reference, digest, at, old, new FROM dashboard.verdict_change) "
	    "SELECT string_agg(x::text, ' ') FROM ((SELECT 'missing', * FROM (TABLE want EXCEPT ALL TABLE got) m) "
	    "UNION ALL (SELECT 'too many', * FROM (TABLE got EXCEPT ALL TABLE want) m)) x"), "");
}

static void
as_rebuilt(void)
{
	assert_string_equal(audit(), "");
	changes_are_as_of();
}

static void
value_is(const char *sql, const char *want)
{
	assert_string_equal(database_value(db, sql), want);
}

#define VERDICT "SELECT string_agg(verdict, ',' ORDER BY reference) FROM dashboard.image"
#define LEDGER "SELECT string_agg(old || '>' || new || ':' || cause, ' ' ORDER BY at) FROM verdict_ledger"
/* What an image went through, under its one name. */
#define CHANGES(image) "SELECT string_agg(old || '>' || new || ':' || c.cause, ' ' ORDER BY at) FROM dashboard.verdict_change c " \
	"JOIN dashboard.reference r USING (reference) WHERE r.image_id = " image
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

/* The packages of layer ${from} are what is found in ${layer} from now on. */
static void
read_again(const char *layer, const char *from)
{
	struct diag d;

	assert_int_equal(DB_QUERY(db, "DELETE FROM inventory WHERE layer_id = $1::bigint", NULL, &d, db_text(str_of(layer))), 0);
	assert_int_equal(DB_QUERY(db, "UPDATE inventory SET layer_id = $1::bigint WHERE layer_id = $2::bigint", NULL, &d,
	    db_text(str_of(layer)), db_text(str_of(from))), 0);
	assert_int_equal(DB_QUERY(db, "INSERT INTO reapply VALUES ($1::bigint, 0)", NULL, &d, db_text(str_of(layer))), 0);
	while (database_int(db, "SELECT count(*) FROM reapply") > 0) {
		assert_int_equal(DB_QUERY(db, sql_reapply_next, NULL, &d, db_int(9)), 0);
		settle();
	}
}

/* What an image went through stays with it when its content becomes another, and is not that of others which have
 * the content, too. */
static void
test_changes_are_those_of_the_image(void **state)
{
	(void)state;
	add_layer(1, 2);
	add_layer(2, 3);
	add_layer(3, 4);
	add_layer(4, 0);
	add_layer(5, 0);
	add_layer(6, 2);
	add_image(1, 1, 1);
	settle();
	import(ONE);
	settle();
	value_is(CHANGES("1"), ">unknown:new_inventory unknown>fail:new_advisory");
	add_image(2, 1, 1);		/* content that is known, and how it is judged */
	add_image(3, 2, 4);
	settle();
	value_is(CHANGES("2"), ">fail:new_inventory");
	value_is(CHANGES("3"), ">pass:new_inventory");

	/* other packages, the same verdict */
	read_again("1", "2");
	value_is("SELECT count(*) FROM image_state_history WHERE cause = 'analyzers'", "2");
	value_is("SELECT string_agg(old || '>' || new || changed, ' ' ORDER BY at) FROM verdict_ledger WHERE cause IN ('new_advisory', 'analyzers')",
	    "unknown>failtrue >failfalse");
	value_is(CHANGES("1"), ">unknown:new_inventory unknown>fail:new_advisory");
	value_is(CHANGES("2"), ">fail:new_inventory");
	value_is("SELECT v.verdict || ' ' || v.cause || ' ' || v.because || ' ' || (v.since = (SELECT at FROM verdict_ledger WHERE cause = 'new_advisory')) "
	    "FROM dashboard.image_verdict_as_of(1, now()) v", "fail new_advisory CVE-2026-1 true");
	value_is("SELECT v.verdict || ' ' || v.cause FROM dashboard.image_verdict_as_of(2, now()) v", "fail new_inventory");

	/* to a content that is known, and has a verdict, and from it to a new one */
	read_again("1", "5");
	value_is(CHANGES("1"), ">unknown:new_inventory unknown>fail:new_advisory fail>pass:analyzers");
	value_is(CHANGES("3"), ">pass:new_inventory");
	value_is("SELECT v.verdict || ' ' || v.cause FROM dashboard.image_verdict_as_of(1, now()) v", "pass analyzers");
	read_again("4", "3");
	value_is(CHANGES("3"), ">pass:new_inventory pass>fail:analyzers");

	/* what a content goes through is of those that have it now */
	import(ONE_WITHDRAWN);
	settle();
	value_is("SELECT count(*) FROM verdict_ledger WHERE cause = 'withdrawn'", "3");
	value_is(CHANGES("1"), ">unknown:new_inventory unknown>fail:new_advisory fail>pass:analyzers");
	value_is(CHANGES("3"), ">pass:new_inventory pass>fail:analyzers fail>pass:withdrawn");
	value_is("SELECT v.verdict || ' ' || v.cause FROM dashboard.image_verdict_as_of(1, now()) v", "pass analyzers");

	/* back to its first content, which fails by now, as it did then */
	import(ONE);
	settle();
	read_again("1", "6");
	value_is(CHANGES("1"), ">unknown:new_inventory unknown>fail:new_advisory fail>pass:analyzers pass>fail:analyzers");
	value_is("SELECT string_agg(concat_ws('>', old, new), ' ' ORDER BY since) FROM image_state_history WHERE image_id = 1", " fail fail>pass pass>fail");
	as_rebuilt();
}

/* Layer 1 was read without packages, and now with those of layer 2. */
static void
test_a_layer_that_was_read_again(void **state)
{
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	add_layer(1, 0);
	add_layer(2, 2);
	add_image(1, 1, 1);
	add_image(2, 2, 1);
	import(ONE);
	settle();
	value_is(VERDICT, "pass,pass");
	database_run(db, "DELETE FROM inventory WHERE layer_id = 1");
	database_run(db, "UPDATE inventory SET layer_id = 1 WHERE layer_id = 2");
	database_run(db, "INSERT INTO reapply VALUES (1, 0)");
	value_is(VERDICT, "pass,pass");
	add_image(3, 1, 2);
	/* one image at a time waits, behind the one that was pushed */
	assert_int_equal(DB_QUERY(db, sql_reapply_next, NULL, &d, db_int(1)), 0);
	value_is("SELECT layer_id || ' ' || image_id FROM reapply", "1 1");
	assert_int_equal(DB_QUERY(db, sql_images_dirty, &r, &d, db_int(9)), 0);
	assert_int_equal(db_rows(r), 2);
	assert_int_equal(db_col_int(r, 0, 0), 3);
	assert_int_equal(db_col_int(r, 1, 0), 1);
	db_free(r);
	settle();
	value_is("SELECT count(*) FROM reapply", "0");
	value_is("SELECT string_agg(verdict, ',' ORDER BY image_id) FROM dashboard.image", "fail,fail,pass");
	/* image 3 has nothing at all, which is a content of its own */
	value_is("SELECT string_agg(old || '>' || new || ':' || cause, ' ' ORDER BY cause) FROM verdict_ledger",
	    ">fail:analyzers >pass:new_inventory >pass:new_inventory");
	value_is("SELECT string_agg(v.verdict || ' ' || v.cause, ',' ORDER BY i.id) FROM image i, dashboard.image_verdict_as_of(i.id, now()) v",
	    "fail analyzers,fail analyzers,pass new_inventory");
	value_is(CHANGES("1"), ">pass:new_inventory pass>fail:analyzers");
	value_is(CHANGES("2"), ">pass:new_inventory pass>fail:analyzers");
	value_is(CHANGES("3"), ">pass:new_inventory");
	value_is("SELECT count(*) FROM image WHERE dirty OR reread", "0");
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
	assert_int_equal(db_open(database_conninfo, "test", &other, &d), 0);
	database_run(other, "SET lock_timeout = '5s'");
	database_run(db, "SET lock_timeout = '5s'");
	/* replaced, not committed, while the matcher goes round */
	database_run(db, "UPDATE advisory SET changed = true");
	assert_int_equal(db_begin(other, &d), 0);
	database_run(other, "UPDATE advisory SET changed = true, summary = 'new'");
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

/* While the advisories of a namespace wait to be matched for the first time
 * nothing becomes "pass" for want of them; a push has its verdict all the same. */
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
	apply(2);
	assert_int_equal(rematch_packages(db, 20000, &d), 0);
	assert_int_equal(rematch_advisories(db, 1, &d), 1);
	assert_true(rematch_judge(db, &d) > 0);
	value_is(VERDICT, "unknown,unknown");
	settle();
	value_is(VERDICT, "fail,fail");
	value_is("SELECT count(*) FROM verdict_ledger WHERE new = 'pass'", "0");
	as_rebuilt();
}

/* A Debian with bash, and a package of Python's. */
static void
add_layer_with_python(int id)
{
	struct package bash = { .type = STR_LIT("deb"), .name = STR_LIT("bash"), .version = STR_LIT("5.2-1"), .arch = STR_LIT("amd64") };
	struct package flask = { .type = STR_LIT("pypi"), .name = STR_LIT("flask"), .version = STR_LIT("1.0") };
	const struct inventory_file files[] = {
		{ .path = STR_LIT("etc/os-release"), .kind = STR_LIT("os_release"), .revision = 1, .attributes = str_of(debian) },
		{ .path = STR_LIT("var/lib/dpkg/status"), .kind = STR_LIT("dpkg"), .revision = 1, .packages = &bash, .n = 1 },
		{ .path = STR_LIT("opt/flask-1.0.dist-info/METADATA"), .kind = STR_LIT("pypi"), .revision = 1, .packages = &flask, .n = 1 },
	};

	farm_layer(db, id, files, 3);
}

#define OF_FLASK(id, fixed) "{\"schema_version\":\"1.7.0\",\"id\":\"" id "\",\"modified\":\"2026-01-01T00:00:00Z\"," CVSS \
	",\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"flask\"},\"ranges\":[{\"type\":\"ECOSYSTEM\"," \
	"\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"" fixed "\"}]}]}]}"

/* What the API says of image 1: a member as text. */
static const char *
told(const char *member)
{
	struct db_result *r = NULL, *v = NULL;
	static char text[1000];
	uint8_t digest[32];
	struct diag d;

	memset(digest, 0xaa, sizeof(digest));
	digest[31] = 0xa1;
	if (DB_QUERY(db, sql_api_image, &r, &d, db_text(str_of("")),
	    db_text(str_of("")), db_text(str_of("")),
	    db_bytes(str_n(digest, sizeof(digest))), db_text(str_of("")),
	    db_text(str_of("")), db_text(str_of("")), db_bool(false)) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(db_rows(r), 1);
	if (DB_QUERY(db, "SELECT $1::json->>$2", &v, &d,
	    db_text(db_col(r, 0, 0)), db_text(str_of(member))) < 0)
		fail_msg("%s", d.text);
	snprintf(text, sizeof(text), "%.*s", STR_ARG(db_col(v, 0, 0)));
	db_free(v);
	db_free(r);
	return (text);
}

#define FIRST_TIME "their advisories wait to be matched for the first time"

/* Between an import that is the first for some packages, and what comes of it,
 * nothing passes; an import that is not the first is no reason to wait. */
static void
test_no_pass_while_a_language_waits_to_be_matched(void **state)
{
	static const char clean[] = DOCUMENT("CVE-2026-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\",");
	struct diag d;
	bool covered;

	(void)state;
	add_layer_with_python(1);
	add_image(1, 1, 1);
	settle();
	value_is(VERDICT, "unknown");
	/* both come at once, and one is matched first */
	import(clean);
	farm_import_document(db, &co, "osv/PyPI", str_of(OF_FLASK("PYSEC-1", "2.0")));
	assert_int_equal(rematch_advisories(db, 1, &d), 1);
	assert_true(rematch_judge(db, &d) > 0);
	value_is(VERDICT, "unknown");
	value_is("SELECT array_to_string(reasons, ',') FROM dashboard.image", "1 pypi packages of PyPI: " FIRST_TIME);
	value_is("SELECT string_agg(concat_ws(' ', namespace, has_feed, matched), ',' ORDER BY namespace) FROM dashboard.coverage",
	    "Debian:12 t t,PyPI t f");
	settle();
	value_is(VERDICT, "fail");
	value_is(LEDGER, ">unknown:new_inventory unknown>fail:new_advisory");
	as_rebuilt();
	/* corrections are no first imports */
	farm_import_document(db, &co, "osv/PyPI", str_of(OF_FLASK("PYSEC-1", "0.5")));
	settle();
	value_is(VERDICT, "pass");
	farm_import_document(db, &co, "osv/PyPI", str_of(OF_FLASK("PYSEC-2", "2.0")));
	assert_true(rematch_judge(db, &d) >= 0);
	value_is(VERDICT, "pass");
	assert_string_equal(told("verdict"), "pass");
	assert_string_equal(told("notes"), "[\"advisories of osv/PyPI wait to be matched\"]");
	settle();
	value_is(VERDICT, "fail");
	assert_string_equal(told("notes"), "[]");
	as_rebuilt();

	/* a pass for want of a feed: what is told changes with the import itself */
	assert_int_equal(empty_farm(NULL), 0);
	add_layer_with_python(1);
	add_image(1, 1, 1);
	import(clean);
	settle();
	assert_string_equal(told("verdict"), "pass");
	assert_string_equal(told("notes"), "[\"1 pypi packages of PyPI: no advisories for them\"]");
	farm_import_document(db, &co, "osv/PyPI", str_of(OF_FLASK("PYSEC-1", "2.0")));
	assert_string_equal(told("verdict"), "unknown");
	assert_string_equal(told("reasons"), "[\"packages of PyPI: " FIRST_TIME "\"]");
	assert_int_equal(verdict_covered(db, 1, &covered, &d), 0);
	assert_false(covered);
	assert_true(rematch_judge(db, &d) > 0);
	value_is(VERDICT, "unknown");
	assert_string_equal(told("reasons"), "[\"1 pypi packages of PyPI: " FIRST_TIME "\"]");
	settle();
	value_is(VERDICT, "fail");
	value_is(LEDGER, ">pass:new_inventory pass>unknown:new_advisory unknown>fail:new_advisory");
	as_rebuilt();
	/* a namespace that nobody has is known as well, when it comes */
	import(OF_RELEASE("11", "DSA-1"));
	import_update(OF_RELEASE("11", "DSA-2"));
	settle();
	value_is("SELECT matched FROM feed_namespace WHERE namespace = 'Debian:11'", "t");
}

static void
test_an_unreadable_layer_is_unknown(void **state)
{
	(void)state;
	import(DOCUMENT("CVE-2026-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	add_layer(1, 2);
	add_image(1, 1, 1);
	database_run(db, "UPDATE layer SET state = 'incomplete', reasons = '{truncated}'");
	settle();
	value_is(VERDICT, "unknown");
	database_run(db, "UPDATE layer SET state = 'done', reasons = '{}'");
	database_run(db, "UPDATE image SET dirty = true");
	/* a record that is none */
	database_run(db, "UPDATE inventory SET record = '\\x93ff' WHERE kind = 'dpkg'");
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT array_to_string(reasons, ';') LIKE '%cannot be read%' FROM dashboard.image", "t");
}

static void
test_a_windows_image_is_unknown(void **state)
{
	(void)state;
	add_layer(1, 0);
	add_image(1, 1, 1);
	add_image(2, 2, 1);
	database_run(db, "UPDATE image SET os = CASE id WHEN 1 THEN 'windows' ELSE 'linux' END");
	settle();
	value_is("SELECT string_agg(verdict, ',' ORDER BY repository) FROM dashboard.image", "unknown,pass");
	value_is("SELECT unnest(reasons) FROM image_state WHERE incomplete", "an image for windows, whose system is not read");
	as_rebuilt();
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
	value_is("SELECT distribution || ', ' || distribution_confidence FROM dashboard.image", "debian 12, stated");
	value_is(FINDINGS, FOUND);
	as_rebuilt();
}

/* ---------------------------------------------------------------- the audit */

/* Each is done to a farm at rest; the audit must name the table and the key. */
static const struct {
	const char *breaks, *seen;
} broken[] = {
	{ "UPDATE advisory SET digest = '\\x00'", "advisory: advisory 1" },
	{ "UPDATE advisory SET severity = 3", "advisory: advisory 1" },
	{ "UPDATE advisory SET withdrawn = true", "advisory: advisory 1" },
	{ "UPDATE advisory SET unmatched_entries = 7", "advisory: advisory 1" },
	{ "DELETE FROM affected", "affected: advisory 1 Debian:12 bash" },
	{ "UPDATE affected SET hi = '\\xff'", "affected: advisory 1 Debian:12 bash" },
	{ "INSERT INTO affected (advisory_id, entry, namespace, name, lo, hi) SELECT advisory_id, entry, namespace, name, lo, hi FROM affected",
	  "stored 2, rebuilt 1" },
	{ "DELETE FROM advisory_name", "advisory_name: advisory 1 alias GHSA-1" },
	{ "INSERT INTO advisory_name VALUES (1, false, 'X-1')", "advisory_name: advisory 1 upstream X-1" },
	{ "DELETE FROM advisory_vulnerability", "advisory_vulnerability: advisory 1 CVE-2026-1" },
	{ "WITH v AS (INSERT INTO vulnerability (name) VALUES ('CVE-0') RETURNING id) INSERT INTO advisory_vulnerability SELECT 1, id FROM v",
	  "advisory_vulnerability: advisory 1 CVE-0" },
	{ "DELETE FROM package_key WHERE package_id = 2", "package_key: package 2 Debian:12 p1" },
	{ "UPDATE package_key SET key = '\\x00' WHERE package_id = 2", "package_key: package 2" },
	{ "WITH c AS (INSERT INTO coverage (namespace, type, has_feed, gap, weighs) VALUES ('PyPI', 'pypi', false, "
	  "'pypi packages of PyPI: no advisories for them', false) RETURNING id) UPDATE package_set SET coverage_id = c.id FROM c",
	  "package_set: set 1" },
	{ "DELETE FROM match", "match: package 1 advisory 1: stored nothing, rebuilt affected 5 5.3-1 range" },
	{ "INSERT INTO match (package_id, advisory_id) VALUES (2, 1)", "match: package 2 advisory 1" },
	{ "UPDATE match SET status = 'fixed'", "match: package 1 advisory 1" },
	{ "UPDATE match SET severity = 1", "match: package 1 advisory 1" },
	{ "UPDATE match SET fixed_version = '9'", "match: package 1 advisory 1" },
	{ "UPDATE match SET rule = 'guess'", "match: package 1 advisory 1" },
	{ "UPDATE match SET hidden = true", "match: package 1 advisory 1" },
	{ "DELETE FROM finding", "finding: package 1 vulnerability 1: stored nothing" },
	{ "INSERT INTO finding SELECT 2, 1, 1, 'affected', 1", "finding: package 2 vulnerability 1" },
	{ "UPDATE finding SET status = 'fixed'", "finding: package 1 vulnerability 1" },
	{ "UPDATE finding SET severity = 1", "finding: package 1 vulnerability 1" },
	{ "UPDATE finding SET fixed_version = ''", "finding: package 1 vulnerability 1" },
	{ "UPDATE finding SET rule = 'guess'", "finding: package 1 vulnerability 1" },
	{ "UPDATE finding SET hidden = true", "finding: package 1 vulnerability 1" },
	{ "UPDATE finding SET advisory_id = 2", "finding: package 1 vulnerability 1" },
	{ "INSERT INTO match (package_id, advisory_id) VALUES (99, 1)", "match: package 99 advisory 1: stored affected, rebuilt nothing" },
	{ "INSERT INTO finding SELECT 99, 1, 1, 'affected', 1", "finding: package 99 vulnerability 1: stored affected, rebuilt nothing" },
	{ "INSERT INTO advisory_vulnerability VALUES (99, 1)", "advisory_vulnerability: advisory 99 vulnerability 1" },
	{ "INSERT INTO repository_set VALUES (1, 99, 1)", "repository_set: repository 1 set 99" },
	{ "DELETE FROM set_summary", "set_summary: set 1: stored nothing" },
	{ "UPDATE set_summary SET critical = 0", "set_summary: set 1" },
	{ "UPDATE set_summary SET negligible = 1", "set_summary: set 1" },
	{ "UPDATE set_summary SET critical_fixable = 0", "set_summary: set 1" },
	{ "UPDATE set_summary SET fails = false", "set_summary: set 1" },
	{ "DELETE FROM verdict", "verdict: image_state 1: stored nothing, rebuilt fail" },
	{ "UPDATE verdict SET verdict = 'pass'", "verdict: image_state 1: stored pass, rebuilt fail" },
	{ "WITH f AS (UPDATE set_summary SET fails = false) UPDATE image_state SET incomplete = true",
	  "verdict: image_state 1: stored fail, rebuilt unknown" },
	{ "DELETE FROM repository_set", "repository_set: repository 1 set 1" },
	{ "UPDATE repository_set SET images = 2", "repository_set: repository 1 set 1" },
	{ "DELETE FROM repository_summary", "repository_summary: repository 1" },
	{ "UPDATE repository_summary SET images = 2", "repository_summary: repository 1" },
	{ "UPDATE repository_summary SET failed = 0", "repository_summary: repository 1" },
	{ "UPDATE repository_summary SET unknown_verdicts = 1", "repository_summary: repository 1" },
	{ "UPDATE repository_summary SET critical = 2", "repository_summary: repository 1" },
	{ "UPDATE repository_summary SET low = 2", "repository_summary: repository 1" },
};

static void
test_the_audit_sees_every_table(void **state)
{
	const char *text;
	size_t missed = 0;
	struct diag d;

	(void)state;
	import(DOCUMENT("CVE-2026-1", "\"aliases\":[\"GHSA-1\"],"));
	import(DOCUMENT("CVE-2026-2", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	add_layer(1, 1);	/* package 1 is bash, 2 is p1 */
	add_image(1, 1, 1);
	settle();
	add_layer(2, 2);
	add_image(2, 2, 2);
	settle();
	as_rebuilt();
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_int_equal(db_begin(db, &d), 0);
		database_run(db, broken[i].breaks);
		text = audit();
		if (strstr(text, broken[i].seen) == NULL) {
			print_error("%s\nwant: %s\ngot: %s\n",
			    broken[i].breaks, broken[i].seen, text);
			missed++;
		}
		db_rollback(db);
	}
	assert_int_equal(missed, 0);
	as_rebuilt();
}

/* What waits makes rows late, not wrong: no audit before it is done. */
static void
test_no_audit_of_a_busy_farm(void **state)
{
	struct audit_report r = { 0 };
	struct diag d;

	(void)state;
	import(ONE);
	assert_int_equal(audit_compare(db, NULL, NULL, &r, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "advisories"));
	settle();
	database_run(db, "UPDATE policy SET fail_on = 5");
	assert_int_equal(audit_compare(db, NULL, NULL, &r, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "policy"));
	settle();
	as_rebuilt();
	database_run(db, "UPDATE policy SET fail_on = 4");
}

/* ------------------------------------------------ time, policy, what is removed */

/* A feed that grows too old changes verdicts without anybody doing anything. */
static void
test_an_old_feed_makes_unknown(void **state)
{
	(void)state;
	import(DOCUMENT("CVE-2026-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	add_layer(1, 2);
	add_image(1, 1, 1);
	database_run(db, "UPDATE policy SET max_feed_age_s = 3600");
	database_run(db, "UPDATE feed SET imported_at = now() - interval '59 min'");
	settle();
	value_is(VERDICT, "pass");
	database_run(db, "UPDATE feed SET imported_at = now() - interval '61 min'");
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT array_to_string(reasons, ';') FROM dashboard.image",
	    "2 deb packages of Debian:12: their advisories are older than allowed");
	value_is("SELECT failed || ' ' || unknown_verdicts FROM dashboard.repository WHERE repository = 'app'", "0 1");
	value_is("SELECT because FROM dashboard.verdict_change ORDER BY at DESC LIMIT 1", "Debian:12");
	as_rebuilt();
	database_run(db, "UPDATE feed SET imported_at = now()");
	settle();
	value_is(LEDGER, ">pass:new_inventory pass>unknown:feed_age unknown>pass:feed_age");
	/* an addition makes it no younger */
	database_run(db, "UPDATE feed SET imported_at = now() - interval '61 min'");
	import(DOCUMENT("CVE-2026-2", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	settle();
	value_is(VERDICT, "unknown");
	database_run(db, "UPDATE policy SET max_feed_age_s = 0");
	settle();
	value_is(VERDICT, "pass");
	value_is("SELECT cause FROM verdict_ledger ORDER BY at DESC LIMIT 1", "policy");
	as_rebuilt();
}

static void
test_an_edited_policy_judges_again(void **state)
{
	(void)state;
	import(ONE);
	add_layer(1, 2);
	add_image(1, 1, 1);
	settle();
	database_run(db, "UPDATE policy SET fail_on = 4, only_fixed = false");
	settle();
	value_is(LEDGER, ">fail:new_inventory");	/* nothing was edited */
	import("{\"schema_version\":\"1.7.0\",\"id\":\"CVE-2026-1\",\"modified\":\"2026-01-02T00:00:00Z\","
	    "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N\"}],"
	    "\"affected\":[" BASH "]}");
	settle();
	value_is("SELECT severity FROM dashboard.finding", "medium");
	value_is(LEDGER, ">fail:new_inventory fail>pass:severity");
	database_run(db, "UPDATE policy SET fail_on = 3");
	settle();
	value_is(LEDGER, ">fail:new_inventory fail>pass:severity pass>fail:policy");
	value_is("SELECT because FROM dashboard.verdict_change ORDER BY at DESC LIMIT 1",
	    "fail_on medium, only_fixed false, max_feed_age_s 0");
	value_is("SELECT failed FROM dashboard.repository WHERE repository = 'app'", "1");
	value_is("SELECT array_to_string(reasons, ';') FROM dashboard.image", "CVE-2026-1 in bash 5.2-1: medium, fixed in 5.3-1");
	as_rebuilt();
	database_run(db, "UPDATE policy SET fail_on = 4");
	settle();
	value_is(VERDICT, "pass");
	as_rebuilt();
}

#define COUNTS "SELECT string_agg(images || '/' || failed || '/' || critical, ' ' ORDER BY repository) FROM dashboard.repository"

static void
test_counts_follow_what_is_removed(void **state)
{
	struct diag d;
	uint8_t digest[32];

	(void)state;
	import(ONE);
	add_layer(1, 2);
	add_image(1, 1, 1);
	add_image(2, 2, 1);
	settle();
	value_is(COUNTS, "1/1/1 1/1/1");
	memset(digest, 0xaa, sizeof(digest));
	digest[31] = 0xa1;
	assert_int_equal(DB_QUERY(db, sql_gone_manifest, NULL, &d, db_int(1),
	    db_text(str_of("app")), db_bytes(str_n(digest, 32))), 0);
	settle();
	value_is(COUNTS, "0/0/0 1/1/1");
	as_rebuilt();
	/* pushed again */
	assert_int_equal(DB_QUERY(db, sql_repository_image_upsert, NULL, &d,
	    db_int(1), db_int(1)), 0);
	settle();
	value_is(COUNTS, "1/1/1 1/1/1");
	/* and to another repository, where nothing is to be matched */
	assert_int_equal(DB_QUERY(db, sql_repository_image_upsert, NULL, &d,
	    db_int(2), db_int(1)), 0);
	settle();
	value_is(COUNTS, "1/1/1 2/2/2");
	database_run(db, "DELETE FROM repository_image WHERE repository_id = 2");
	settle();
	value_is(COUNTS, "1/1/1 0/0/0");
	as_rebuilt();
}

/* Who was judged first and when: found by an index, not by reading all images. */
static void
test_a_round_does_not_scan_images(void **state)
{
	struct db_result *r = NULL;
	struct str one = str_of("");
	char *explain;
	struct diag d;

	(void)state;
	database_run(db, "INSERT INTO image (digest, judged_at) SELECT sha256(n::text::bytea), now() FROM generate_series(1, 5000) n");
	database_run(db, "ANALYZE image");
	explain = mem_printf("EXPLAIN %s", sql_states_judge);
	if (DB_QUERY(db, explain, &r, &d, db_ints((const int64_t[]) { 1 }, 1),
	    db_texts(&one, 1), db_texts(&one, 1), db_texts(&one, 1)) < 0)
		fail_msg("%s", d.text);
	for (size_t i = 0; i < db_rows(r); i++)
		assert_null(strstr(db_col(r, i, 0).p, "Seq Scan on image "));
	db_free(r);
	free(explain);
}

/* --------------------------------------------------------------------- aliases */

#define ALIASED(id, alias) DOCUMENT(id, "\"aliases\":[\"" alias "\"],")
#define ABOUT "SELECT string_agg(a.name || '=' || v.name, ' ' ORDER BY a.name, v.name) FROM advisory a " \
	"JOIN advisory_vulnerability av ON av.advisory_id = a.id JOIN vulnerability v ON v.id = av.vulnerability_id"

/* A chain that is closed in its middle, last: all of it is one. */
static void
test_a_late_alias_joins_the_whole_chain(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(ALIASED("GHSA-1", "CVE-2026-1"));
	import(ALIASED("PYSEC-1", "GO-1"));
	import(ALIASED("OTHER-1", "PYSEC-1"));
	settle();
	value_is(ABOUT, "GHSA-1=CVE-2026-1 OTHER-1=GO-1 PYSEC-1=GO-1");
	value_is("SELECT count(*) FROM finding", "2");
	database_run(db, "UPDATE finding SET first_seen = '2020-01-01'");
	import(ALIASED("GO-1", "GHSA-1"));
	settle();
	value_is(ABOUT, "GHSA-1=CVE-2026-1 GO-1=CVE-2026-1 OTHER-1=CVE-2026-1 PYSEC-1=CVE-2026-1");
	value_is(FINDINGS, FOUND);
	value_is("SELECT first_seen < '2021-01-01' FROM finding", "t");
	value_is("SELECT string_agg(name || '>' || into_name || ' ' || advisory, ',' ORDER BY advisory) FROM vulnerability_merge",
	    "GO-1>CVE-2026-1 OTHER-1,GO-1>CVE-2026-1 PYSEC-1");
	as_rebuilt();
	/* the link is taken back: they part again */
	import(DOCUMENT("GO-1", ""));
	settle();
	value_is(ABOUT, "GHSA-1=CVE-2026-1 GO-1=GO-1 OTHER-1=GO-1 PYSEC-1=GO-1");
	value_is("SELECT count(*) FROM finding", "2");
	as_rebuilt();
	/* withdrawn documents join nothing */
	import(DOCUMENT("GO-1", "\"withdrawn\":\"2026-02-01T00:00:00Z\",\"aliases\":[\"GHSA-1\"],"));
	settle();
	value_is("SELECT count(*) FROM finding", "2");
	as_rebuilt();
}

/* What a vendor's document is about depends on aliases of others too. */
static void
test_upstream_follows_its_class(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(DOCUMENT("DSA-1", "\"upstream\":[\"GHSA-1\"],"));
	settle();
	value_is(ABOUT, "DSA-1=GHSA-1");
	import(DOCUMENT("X-1", "\"aliases\":[\"GHSA-1\",\"CVE-2026-1\"],"));
	settle();
	/* X-1 links both, so GHSA-1 is CVE-2026-1 through it */
	value_is(ABOUT, "DSA-1=CVE-2026-1 X-1=CVE-2026-1");
	value_is(FINDINGS, FOUND);
	as_rebuilt();
	/* one that comes when the class is there already, and one that names two */
	import(DOCUMENT("DSA-2", "\"upstream\":[\"GHSA-1\",\"GHSA-2\"],"));
	import(ALIASED("X-2", "GHSA-2"));
	settle();
	value_is(ABOUT, "DSA-1=CVE-2026-1 DSA-2=CVE-2026-1 DSA-2=GHSA-2 X-1=CVE-2026-1 X-2=GHSA-2");
	import(ALIASED("X-2", "CVE-2026-2"));
	settle();
	import(ALIASED("X-3", "GHSA-2"));
	settle();
	value_is(ABOUT, "DSA-1=CVE-2026-1 DSA-2=CVE-2026-1 DSA-2=GHSA-2 X-1=CVE-2026-1 X-2=CVE-2026-2 X-3=GHSA-2");
	as_rebuilt();
}

/* Of one id in one archive the later modified counts, of one time the last, be they
 * stored at once or not; and what is imported again changes nothing. */
static void
test_of_one_id_in_a_file_the_later_modified_counts(void **state)
{
	static const struct {
		const char *years[3];
		size_t n;
		const char *want;
	} t[] = {
		{ { "2025", "2023" }, 2, "2025" },
		{ { "2023", "2025" }, 2, "2025" },
		{ { "2023", "2025", "2024" }, 3, "2025" },
		{ { "2025a", "2025b" }, 2, "2025b" },
		/* an older one than what is stored, alone: the feed went back */
		{ { "2022", "2021" }, 2, "2022" },
		{ { "2021" }, 1, "2021" },
	};
	static const int between[] = { 0, 600 };
	struct feed_result r;

	(void)state;
	for (size_t b = 0; b < 2; b++)
		for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
			import_copies(t[i].years, t[i].n, between[b]);
			value_is("SELECT summary FROM advisory WHERE name = 'CVE-2026-1'", t[i].want);
			r = import_copies(t[i].years, t[i].n, between[b]);
			value_is("SELECT summary FROM advisory WHERE name = 'CVE-2026-1'", t[i].want);
			assert_int_equal(r.gone + r.missing, 0);
			/* copies of one time that are stored apart are stored again */
			if (between[b] == 0 || strcmp(t[i].want, "2025b") != 0)
				assert_int_equal(r.changed, 0);
			value_is("SELECT count(*) FROM feed_seen", "0");
		}
}

/* A document of several ecosystems stands in several files: the newest copy counts. */
static void
test_the_newest_copy_of_a_document_counts(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(ONE);
	settle();
	value_is(VERDICT, "fail");
	import_as("osv/Ubuntu", "{\"schema_version\":\"1.7.0\",\"id\":\"CVE-2026-1\",\"modified\":\"2026-03-01T00:00:00Z\","
	    "\"withdrawn\":\"2026-03-01T00:00:00Z\",\"affected\":[" BASH "]}", false);
	settle();
	value_is("SELECT count(*) FROM match", "0");
	value_is(VERDICT, "pass");
	as_rebuilt();
	/* of another source it is another document */
	database_run(db, "UPDATE advisory SET changed = true");
	database_run(db, "INSERT INTO feed (name) VALUES ('vendor/x')");
	database_run(db, "UPDATE advisory SET feed = 'vendor/x' WHERE withdrawn");
	settle();
	value_is(VERDICT, "fail");
	as_rebuilt();
}

#define TRACKER(source, bookworm) "{\"" source "\":{\"CVE-2026-1\":{\"releases\":{\"bookworm\":{\"repositories\":{}," bookworm "}}}}}"
#define NEVER "\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"low\""

static void
test_a_denial_overrules_until_it_is_gone(void **state)
{
	static const char feed[] = "debian_tracker/all";
	struct feed_result r;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_as(feed, TRACKER("bash", NEVER), false);
	settle();
	value_is("SELECT count(*) FROM match", "1");
	value_is("SELECT count(*) FROM finding", "0");
	import(ONE);
	settle();
	value_is("SELECT status FROM finding", "not_affected");
	value_is(VERDICT, "pass");
	as_rebuilt();
	/* one document is the whole feed, so this one lacks it */
	r = import_as(feed, TRACKER("dash", NEVER), false);
	assert_int_equal(r.missing, 1);
	settle();
	value_is(VERDICT, "pass");
	r = import_as(feed, TRACKER("dash", NEVER), true);
	assert_int_equal(r.gone, 1);
	settle();
	value_is("SELECT status FROM finding", "affected");
	value_is(VERDICT, "fail");
	as_rebuilt();
	/* what cannot be read may have held anything */
	r = import_as(feed, TRACKER("bash", NEVER), true);
	r = import_as(feed, "{\"odd\":{\"CVE-2026-2\":1},\"dash\":{\"CVE-2026-3\":{\"releases\":{\"bookworm\":{" NEVER "}}}}}", true);
	assert_int_equal(r.malformed, 1);
	assert_int_equal(r.gone, 0);
	settle();
	value_is(VERDICT, "pass");
	as_rebuilt();
}

#define STATEMENT(id, at, status) "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"" id "\",\"timestamp\":\"" at "-01-01T00:00:00Z\"," \
	"\"statements\":[{\"vulnerability\":{\"name\":\"CVE-2026-1\"},\"products\":[{\"@id\":\"pkg:deb/debian/bash?distro=debian-12\"}]," \
	"\"status\":\"" status "\"}]}"

/* OpenVEX: of all documents only the last statements are in force. */
static void
test_a_later_statement_replaces_an_earlier_one(void **state)
{
	static const char feed[] = "openvex/x";

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(ONE);
	import_as(feed, STATEMENT("V-1", "2025", "not_affected"), false);
	settle();
	value_is("SELECT status FROM finding", "not_affected");
	value_is(VERDICT, "pass");
	import_as(feed, STATEMENT("V-2", "2026", "affected"), false);
	settle();
	value_is("SELECT status FROM finding", "affected");
	value_is(VERDICT, "fail");
	as_rebuilt();
	/* the same said again, later: nothing of the match differs but its time */
	import_as(feed, STATEMENT("V-1", "2027", "not_affected"), false);
	settle();
	value_is("SELECT status FROM finding", "not_affected");
	value_is(VERDICT, "pass");
	as_rebuilt();
	/* at one time the graver word counts */
	import_as(feed, STATEMENT("V-2", "2027", "affected"), false);
	settle();
	value_is(VERDICT, "fail");
	as_rebuilt();
}

/* A Debian with a binary whose source has another name and version. */
static void
add_layer_with_binary(int id, const char *version)
{
	struct package p = { .type = STR_LIT("deb"), .name = STR_LIT("libssl3"), .version = str_of(version), .arch = STR_LIT("amd64"),
		.source_name = STR_LIT("bash"), .source_version = STR_LIT("5.2-1") };
	const struct inventory_file files[] = {
		{ .path = STR_LIT("etc/os-release"), .kind = STR_LIT("os_release"), .revision = 1, .attributes = str_of(debian) },
		{ .path = STR_LIT("var/lib/dpkg/status"), .kind = STR_LIT("dpkg"), .revision = 1, .packages = &p, .n = 1 },
	};

	farm_layer(db, id, files, 2);
}

#define OF_BINARY(version, status) "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"B-1\",\"timestamp\":\"2026-01-01T00:00:00Z\"," \
	"\"statements\":[{\"vulnerability\":{\"name\":\"CVE-2026-1\"},\"products\":[{\"@id\":\"pkg:deb/debian/libssl3@" version "?distro=debian-12\"}]," \
	"\"status\":\"" status "\"}]}"

/* What VEX says of a binary is found by its own name and version, whichever comes first. */
static void
test_a_statement_about_a_binary_finds_it(void **state)
{
	static const char feed[] = "openvex/x";
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	add_layer_with_binary(1, "5.2-1+b1");
	add_image(1, 1, 1);
	import(ONE);
	settle();
	value_is("SELECT status FROM finding", "affected");
	assert_int_equal(import_as(feed, OF_BINARY("5.2-1%2Bb1", "not_affected"), false).unknown_products, 0);
	settle();
	value_is("SELECT status FROM finding", "not_affected");
	value_is("SELECT count(*) || ' ' || count(*) FILTER (WHERE is_binary) FROM affected WHERE name = 'libssl3'", "2 1");
	as_rebuilt();
	assert_int_equal(DB_QUERY(db, sql_explain_advisories_of_image, &r, &d,
	    db_text(str_of(database_value(db, "SELECT array_agg(id) FROM vulnerability"))), db_int(1)), 0);
	assert_int_equal(db_rows(r), 2);	/* is explained by it, too */
	db_free(r);
	/* the same build comes in another image, and another build */
	add_layer_with_binary(2, "5.2-1+b2");
	add_image(2, 1, 2);
	settle();
	value_is("SELECT string_agg(p.version || ' ' || f.status, ',' ORDER BY p.version) FROM finding f JOIN package p ON p.id = f.package_id",
	    "5.2-1+b1 not_affected,5.2-1+b2 affected");
	as_rebuilt();
	import_as(feed, OF_BINARY("5.2-1%2Bb2", "not_affected"), false);
	settle();
	add_layer_with_binary(3, "5.2-1+b3");
	add_image(3, 1, 3);
	settle();
	value_is("SELECT string_agg(p.version || ' ' || f.status, ',' ORDER BY p.version) FROM finding f JOIN package p ON p.id = f.package_id",
	    "5.2-1+b1 affected,5.2-1+b2 not_affected,5.2-1+b3 affected");
	as_rebuilt();
}

/* A policy that refuses anything refuses nothing that is hidden; what somebody else
 * claims of it is not. */
static void
test_what_is_hidden_counts_nowhere(void **state)
{
	static const char feed[] = "debian_tracker/all";

	(void)state;
	database_run(db, "UPDATE policy SET fail_on = 0");
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_as(feed, TRACKER("bash", "\"status\":\"open\",\"urgency\":\"unimportant\""), false);
	settle();
	value_is("SELECT concat_ws(' ', status, severity, hidden, origin) FROM dashboard.finding", "affected negligible t distro");
	value_is("SELECT negligible FROM dashboard.repository WHERE repository = 'app'", "0");
	value_is("SELECT count(*) FROM dashboard.exposure", "0");
	value_is(VERDICT, "pass");
	as_rebuilt();
	import(ONE);
	settle();
	value_is("SELECT concat_ws(' ', status, severity, hidden) FROM dashboard.finding", "affected critical f");
	value_is(VERDICT, "fail");
	as_rebuilt();
	import(ONE_WITHDRAWN);
	settle();
	value_is(VERDICT, "pass");
	value_is("SELECT critical + negligible FROM dashboard.repository WHERE repository = 'app'", "0");
	as_rebuilt();
}

/* Nothing is told of it, hence nothing is clean: by the day alone. */
static void
test_a_release_whose_support_has_ended_is_unknown(void **state)
{
	(void)state;
	debian = "ID=debian\nVERSION_ID=9\n";
	add_layer(1, 1);
	debian = "ID=debian\nVERSION_ID=12\n";
	add_image(1, 1, 1);
	import("{\"id\":\"DSA-1-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"upstream\":[\"CVE-2026-1\"],"
	    CVSS ",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:9\",\"name\":\"bash\"},\"ranges\":"
	    "[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.0-1\"}]}]}]}");
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT reasons[1] FROM dashboard.image", "1 deb packages of Debian:9: their advisories end on 2022-06-30, what was found since is not told");
	as_rebuilt();
	/* as if it had been judged before that day */
	database_run(db, "UPDATE coverage SET gap = '', weighs = false");
	database_run(db, "UPDATE verdict SET verdict = 'pass'");
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT cause FROM verdict_ledger ORDER BY at DESC LIMIT 1", "support_ended");
}

/* What is known of it is kept, and what is not is no reason to pass. */
static void
test_a_release_that_leaves_its_feed_is_unknown(void **state)
{
	static const char feed[] = "debian_tracker/all";
	static const char low[] = TRACKER("bash", "\"status\":\"open\",\"urgency\":\"low\"");

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"bookworm\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"high\"},"
	    "\"trixie\":{\"status\":\"open\",\"urgency\":\"high\"}}}}}", false);
	settle();
	value_is(VERDICT, "fail");
	import_as(feed, low, false);
	settle();
	value_is(VERDICT, "pass");
	value_is("SELECT string_agg(feed || ' ' || namespace, ',' ORDER BY namespace) FROM feed_namespace",
	    "debian_tracker/all Debian:12,frozen/debian_tracker/all Debian:13 Debian:13");
	import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"trixie\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"high\"}}}}}", false);
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT reasons[1] = '1 deb packages of Debian:12: their advisories end on ' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || "
	    "', what was found since is not told' FROM dashboard.image", "t");
	value_is("SELECT concat_ws(' ', vulnerability, severity, advisory, feed) FROM dashboard.finding",
	    "CVE-2026-1 low DEBIAN-CVE-2026-1/bash@Debian:12 frozen/debian_tracker/all Debian:12");
	value_is("SELECT count(*) FROM advisory WHERE gone_at IS NULL", "2");
	as_rebuilt();
	/* the same again changes nothing */
	assert_int_equal(import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"trixie\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"high\"}}}}}",
	    false).changed, 0);
	settle();
	value_is(VERDICT, "unknown");
	/* nobody ever said a word of that one */
	database_run(db, "INSERT INTO feed_namespace VALUES ('debian_tracker/all', 'Debian:11')");
	import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"trixie\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"low\"}}}}}", false);
	value_is("SELECT count(*) FROM feed WHERE name LIKE '%Debian:11'", "0");
	value_is("SELECT count(*) FROM feed_namespace WHERE namespace = 'Debian:11'", "0");
	/* it comes again: what was kept goes */
	import_as(feed, low, false);
	settle();
	value_is(VERDICT, "pass");
	value_is("SELECT advisory FROM dashboard.finding", "DEBIAN-CVE-2026-1/bash");
	as_rebuilt();
}

/* What the reader needs for many rows it may not ask the system for. */
static void
test_a_large_document_of_many_advisories(void **state)
{
	struct feed_result r;
	struct buf b;

	(void)state;
	buf_init(&b, 4 << 20);
	assert_int_equal(buf_printf(&b, "{\"bash\":{"), 0);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(buf_printf(&b, "%s\"CVE-2026-%d\":{\"releases\":{\"bookworm\":{" NEVER "}}}",
		    i > 0 ? "," : "", i), 0);
	assert_int_equal(buf_printf(&b, "}}"), 0);
	r = farm_import(db, &co, "debian_tracker/all", buf_view(&b), false);
	assert_int_equal(r.documents, 20000);
	assert_int_equal(r.malformed, 0);
	buf_done(&b);
}

/* --------------------------------------------------------------------- imports */

static void
test_what_a_whole_feed_lacks_is_withdrawn(void **state)
{
	struct feed_result r;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	r = import_numbers(1, 20, 0, false);
	assert_true(r.whole);
	assert_int_equal(r.changed, 20);
	settle();
	value_is("SELECT count(*) FROM finding", "20");
	/* one less */
	r = import_numbers(1, 19, 0, false);
	assert_int_equal(r.gone, 1);
	assert_int_equal(r.missing, 0);
	settle();
	value_is("SELECT count(*) FROM finding", "19");
	value_is("SELECT string_agg(name, ',') FROM advisory WHERE gone_at IS NOT NULL", "CVE-2026-20");
	as_rebuilt();
	/* many less: rather a broken file */
	r = import_numbers(1, 10, 0, false);
	assert_int_equal(r.gone, 0);
	assert_int_equal(r.missing, 9);
	settle();
	value_is("SELECT count(*) FROM finding", "19");
	value_is("SELECT missing || ' ' || documents || ' ' || (error LIKE '%lacks 9 known%') FROM feed", "9 19 true");
	as_rebuilt();
	/* confirmed */
	r = import_numbers(1, 10, 0, true);
	assert_int_equal(r.gone, 9);
	settle();
	value_is("SELECT count(*) FROM finding", "10");
	value_is("SELECT missing || ' ' || documents || error FROM feed", "0 10");
	as_rebuilt();
	/* back again, unchanged */
	r = import_numbers(1, 20, 0, false);
	assert_int_equal(r.changed, 10);
	settle();
	value_is("SELECT count(*) FROM finding", "20");
	value_is("SELECT string_agg(concat_ws(' ', whole, documents, changed, gone, missing), ',' ORDER BY at) FROM feed_history",
	    "t 20 20 0 0,t 19 0 1 0,t 10 0 0 9,t 10 0 9 0,t 20 10 0 0");
	/* what changed something has a revision, and its rows its number */
	value_is("SELECT string_agg(coalesce(revision::text, '-'), ',' ORDER BY at) || ' ' || (SELECT revision FROM farm) FROM feed_history",
	    "1,2,-,3,4 4");
	value_is("SELECT string_agg(concat_ws(' ', revision, n), ',' ORDER BY revision) FROM feed_history h JOIN "
	    "(SELECT import, count(*) AS n FROM advisory GROUP BY 1) a USING (import)", "1 10,4 10");
	as_rebuilt();
}

/* Another feed's file, larger than all that was known. */
static void
test_a_file_that_is_another_is_held_back(void **state)
{
	struct feed_result r;

	(void)state;
	import_numbers(1, 20, 0, false);
	r = import_numbers(101, 400, 0, false);
	assert_int_equal(r.gone, 0);
	assert_int_equal(r.missing, 20);
	value_is("SELECT count(*) FROM advisory WHERE gone_at IS NOT NULL", "0");
	settle();
	as_rebuilt();
}

/* What a document of OSV's says of another ecosystem is not all that is known of it. */
static void
test_a_mention_makes_no_feed_of_a_namespace(void **state)
{
	(void)state;
	import_as("osv/npm", DOCUMENT("GHSA-1", ""), false);
	value_is("SELECT string_agg(feed || ' ' || namespace, ',') FROM feed_namespace", "");
	import(DOCUMENT("DSA-1", ""));
	value_is("SELECT string_agg(feed || ' ' || namespace, ',') FROM feed_namespace", "osv/Debian Debian:12");
}

#define VEX(id, product, status) "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"" id "\",\"author\":\"Us\"," \
	"\"timestamp\":\"2026-01-01T00:00:00Z\",\"version\":1,\"statements\":[{\"vulnerability\":{\"name\":\"CVE-2024-9999\"}," \
	"\"products\":[{\"@id\":\"" product "\"}],\"status\":\"" status "\",\"action_statement\":\"u\"}]}"
#define OTHER_VEX VEX("https://e.com/vex-9", "pkg:deb/debian/nosuch@1.0?distro=debian-12", "affected")

/* A statement about one thing says nothing of others, and makes nothing fresh. */
static void
test_a_statement_makes_no_feed_of_a_namespace(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	farm_import_document(db, &co, "openvex/ours", str_of(OTHER_VEX));
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT array_to_string(reasons, ',') FROM dashboard.image", "1 deb packages of Debian:12: no advisories for them");
	value_is("SELECT concat_ws(' ', has_feed, cardinality(feeds)) FROM dashboard.coverage", "f 0");
	import(ONE_WITHDRAWN);
	settle();
	value_is(VERDICT, "pass");
	database_run(db, "UPDATE policy SET max_feed_age_s = 86400");
	database_run(db, "UPDATE feed SET imported_at = now() - interval '30 days' WHERE name = '" FEED "'");
	settle();
	value_is(VERDICT, "unknown");
	farm_import_document(db, &co, "openvex/ours", str_of(VEX("https://e.com/vex-8", "pkg:deb/debian/bash@5.2-1?distro=debian-12", "affected")));
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT string_agg(reason, ',') FROM dashboard.verdict_reason WHERE reason LIKE '%older%'",
	    "1 deb packages of Debian:12: their advisories are older than allowed");
	/* it holds all the same */
	value_is("SELECT vulnerability FROM dashboard.finding", "CVE-2024-9999");
	as_rebuilt();
}

static void
migrate_again(const char *name)
{
	for (const struct sql_file *f = sql_migrations; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0) {
			database_run(db, f->text);
			return;
		}
	fail_msg("no migration %s", name);
}

/* As earlier versions left it. */
static void
test_what_statements_were_taken_for_is_taken_back(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	farm_import_document(db, &co, "openvex/ours", str_of(OTHER_VEX));
	farm_import_document(db, &co, "openvex/ubuntu", str_of(VEX("https://github.com/canonical/ubuntu-security-notices/blob/main/vex/1",
	    "pkg:deb/ubuntu/x@1?distro=ubuntu-24.04", "affected")));
	farm_import_document(db, &co, "secdb/alpine", str_of("{\"distroversion\":\"v3.22\",\"reponame\":\"main\",\"packages\":["
	    "{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1.0-r0\":[\"CVE-2024-1\"]}}}]}"));
	farm_import_document(db, &co, "secdb/more", str_of("{\"distroversion\":\"v3.23\",\"reponame\":\"community\",\"packages\":["
	    "{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1.0-r0\":[\"CVE-2024-1\"]}}}]}"));
	settle();
#define COVERED "SELECT string_agg(feed || ' ' || namespace, ',' ORDER BY feed) FROM feed_namespace WHERE whole"
	value_is(COVERED, "openvex/ubuntu Ubuntu:24.04:LTS,secdb/alpine Alpine:v3.22");
	database_run(db, "INSERT INTO feed_namespace (feed, namespace, whole, matched) VALUES ('openvex/ours', 'Debian:12', true, true), "
	    "('openvex/ubuntu', 'Debian:12', true, true), ('secdb/more', 'Alpine:v3.23', true, true)");
	settle();
	value_is(VERDICT, "pass");
	migrate_again("0038_statements");
	settle();
	value_is(COVERED, "openvex/ubuntu Ubuntu:24.04:LTS,secdb/alpine Alpine:v3.22");
	value_is(VERDICT, "unknown");
	as_rebuilt();
}

/* As earlier versions applied them: those that were, behind everything else. */
static void
test_images_are_applied_again_by_what_is_known_now(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	add_image(2, 1, 1);
	settle();
	database_run(db, "UPDATE image SET dirty = false");
	database_run(db, "UPDATE image SET image_state_id = NULL WHERE id = 2");
	migrate_again("0039_apply_again");
	value_is("SELECT string_agg(id::text, ',') FROM image WHERE dirty AND reread", "1");
}

#define SECDB(repository) "{\"reponame\":\"" repository "\",\"packages\":[{\"pkg\":{\"name\":\"a\"," \
	"\"secfixes\":{\"1.0-r0\":[\"CVE-2024-1\"]}}}]}"

/* What has no end did not come to it: it was taken back. */
static void
test_nothing_is_kept_of_what_is_no_release(void **state)
{
	(void)state;
	import_as("secdb/ours", SECDB("os"), false);
	value_is(COVERED, "secdb/ours Wolfi");
	import_as("secdb/ours", SECDB("chainguard"), true);
	value_is(COVERED, "secdb/ours Chainguard");
	value_is("SELECT count(*) FROM feed", "1");
	value_is("SELECT count(*) FROM advisory WHERE gone_at IS NULL", "1");
}

/* As earlier versions kept it: a retracted denial, for ever. */
static void
test_what_was_kept_of_no_release_is_withdrawn(void **state)
{
	(void)state;
	add_layer_with_python(1);
	add_image(1, 1, 1);
	import_as("debian_tracker/all", "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"bookworm\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"low\"},"
	    "\"trixie\":{\"status\":\"open\",\"urgency\":\"high\"}}}}}", false);
	import_as("debian_tracker/all", "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"bookworm\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"low\"}}}}}", false);
	farm_import_document(db, &co, "osv/PyPI", str_of("{\"schema_version\":\"1.7.0\",\"id\":\"PYSEC-1\",\"aliases\":[\"CVE-2024-9999\"],\"modified\":\"2026-01-01T00:00:00Z\"," CVSS
	    ",\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"flask\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
	    "\"events\":[{\"introduced\":\"0\"}]}]}]}"));
	farm_import_document(db, &co, "openvex/ours", str_of(VEX("https://e.com/vex-9", "pkg:pypi/flask@1.0", "not_affected")));
	settle();
	value_is(VERDICT, "pass");
	database_run(db, "INSERT INTO feed (name, import, imported_at, documents) SELECT 'frozen/openvex/ours PyPI', import, imported_at, 1 FROM feed WHERE name = 'openvex/ours'");
	database_run(db, "UPDATE advisory SET feed = 'frozen/openvex/ours PyPI', name = name || '@PyPI' WHERE feed = 'openvex/ours'");
	database_run(db, "INSERT INTO feed_namespace (feed, namespace, whole, matched) VALUES ('frozen/openvex/ours PyPI', 'PyPI', true, true)");
	settle();
	value_is(VERDICT, "pass");
	migrate_again("0036_releases_alone_are_kept");
	settle();
	value_is(VERDICT, "fail");
	value_is("SELECT string_agg(name, ',' ORDER BY name) FROM dashboard.feed",
	    "debian_tracker/all,frozen/debian_tracker/all Debian:13,openvex/ours,osv/PyPI");
	value_is("SELECT count(*) FROM advisory WHERE feed = 'frozen/debian_tracker/all Debian:13' AND gone_at IS NULL", "1");
	as_rebuilt();
}

/* One document says nothing of what the others would have said. */
static void
test_an_addition_makes_no_feed_of_a_namespace(void **state)
{
	struct feed_result r;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_as(FEED, OF_RELEASE("12", "DSA-1"), false);
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT reasons[1] FROM dashboard.image", "1 deb packages of Debian:12: no advisories for them");
	value_is("SELECT concat_ws(' ', has_feed, cardinality(feeds)) FROM dashboard.coverage", "f 0");
	import_update(OF_RELEASE("12", "DSA-2"));
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT origin || coalesce(imported_at::text, '') FROM feed", "");
	/* all of the feed, for the first time: that it lacks one added before is no loss */
	r = farm_import_document(db, &co, FEED, str_of(OF_RELEASE("12", "DSA-1")));
	assert_int_equal(r.missing, 0);
	assert_int_equal(r.gone, 1);
	value_is("SELECT concat_ws(' ', missing, documents, imported_at IS NOT NULL) FROM feed", "0 1 t");
	settle();
	value_is(VERDICT, "pass");
	value_is("SELECT concat_ws(' ', has_feed, feeds) FROM dashboard.coverage", "t {osv/Debian}");
	/* a release that it did not speak of */
	import_as(FEED, OF_RELEASE("11", "DSA-3"), false);
	value_is("SELECT string_agg(namespace || ' ' || whole, ',' ORDER BY namespace) FROM feed_namespace", "Debian:11 false,Debian:12 true");
	import_update(OF_RELEASE("11", "DSA-4"));
	value_is("SELECT string_agg(namespace || ' ' || whole, ',' ORDER BY namespace) FROM feed_namespace", "Debian:11 true,Debian:12 true");
	settle();
	as_rebuilt();
}

static uint64_t
remove_feed(const char *feed)
{
	struct feed_result r = { 0 };
	struct diag d;

	if (feed_remove(db, feed, &r, &d) < 0)
		fail_msg("%s", d.text);
	return (r.gone);
}

static void
test_a_feed_taken_out_says_nothing(void **state)
{
	static const char feed[] = "debian_tracker/all";
	struct feed_result r = { 0 };
	struct diag d;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(ONE);
	settle();
	value_is(VERDICT, "fail");
	assert_int_equal(remove_feed(FEED), 1);
	settle();
	value_is(VERDICT, "unknown");
	value_is("SELECT string_agg(old || '>' || new || ':' || cause || ' ' || reference, ',' ORDER BY at, ctid) FROM verdict_ledger",
	    ">fail:new_inventory ,fail>unknown:withdrawn CVE-2026-1");
	value_is("SELECT count(*) FROM dashboard.feed", "0");
	value_is("SELECT concat_ws(' ', documents, gone, present) FROM feed_history ORDER BY at DESC LIMIT 1", "0 1 0");
	value_is("SELECT action || ' ' || detail FROM audit ORDER BY at DESC LIMIT 1", "feed remove " FEED);
	as_rebuilt();
	assert_int_equal(feed_remove(db, FEED, &r, &d), ERR_NOT_FOUND);
	assert_int_equal(feed_remove(db, "osv/never", &r, &d), ERR_NOT_FOUND);
	assert_int_equal(feed_remove(db, "kev", &r, &d), ERR_USAGE);
	value_is("SELECT count(*) FROM feed", "1");
	/* an addition makes no feed of it again, all of it does */
	import_as(FEED, ONE_WITHDRAWN, false);
	settle();
	value_is(VERDICT, "unknown");
	import(ONE_WITHDRAWN);
	settle();
	value_is(VERDICT, "pass");
	assert_int_equal(remove_feed(FEED), 1);
	settle();
	value_is("SELECT cause || ' ' || reference FROM verdict_ledger ORDER BY at DESC LIMIT 1", "withdrawn Debian:12");
	/* what is kept of a release that left */
	import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"bookworm\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"high\"},"
	    "\"trixie\":{\"status\":\"open\",\"urgency\":\"high\"}}}}}", false);
	import_as(feed, "{\"bash\":{\"CVE-2026-1\":{\"releases\":{\"trixie\":{\"repositories\":{},\"status\":\"open\",\"urgency\":\"high\"}}}}}", false);
	settle();
	value_is("SELECT critical + high FROM dashboard.repository WHERE repository = 'app'", "1");
	assert_int_equal(remove_feed("frozen/debian_tracker/all Debian:12"), 1);
	settle();
	value_is("SELECT critical + high FROM dashboard.repository WHERE repository = 'app'", "0");
	value_is("SELECT array_to_string(reasons, ',') FROM dashboard.image", "1 deb packages of Debian:12: no advisories for them");
	value_is("SELECT string_agg(name, ',') FROM dashboard.feed", feed);
	as_rebuilt();
}

/* One in ten is damaged: those stay as they were. */
static void
test_a_damaged_document_stays_as_it_was(void **state)
{
	struct feed_result r;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_numbers(1, 20, 0, false);
	settle();
	r = import_numbers(1, 20, 10, false);
	assert_int_equal(r.malformed, 2);
	assert_int_equal(r.gone + r.missing, 0);
	settle();
	value_is("SELECT count(*) FROM finding", "20");
	as_rebuilt();
}

/* While an import runs, or waits to be matched, a push has its verdict. */
static void
test_a_push_does_not_wait_for_an_import(void **state)
{
	struct db *other = NULL;
	struct diag d;

	(void)state;
	import_numbers(1, 5, 0, false);
	settle();
	assert_int_equal(db_open(database_conninfo, "test", &other, &d), 0);
	database_run(db, "SET lock_timeout = '5s'");
	/* one that is not committed, and holds all that an import holds */
	assert_int_equal(db_begin(other, &d), 0);
	if (DB_QUERY(other, sql_feed_upsert, NULL, &d, db_text(str_of(FEED))) < 0)
		fail_msg("%s", d.text);
	database_run(other, "UPDATE advisory SET changed = true, modified = 'x'");
	/* and one that is, with more than one batch */
	import_as("osv/Ubuntu", ONE, false);
	database_run(db, "INSERT INTO advisory (feed, name, digest, document) SELECT 'osv/Ubuntu', 'X-' || n, digest, document "
	    "FROM advisory, generate_series(1, 3000) n WHERE name = 'CVE-2026-2'");
	add_layer(1, 1);
	add_image(1, 1, 1);
	apply(1);
	assert_true(rematch_new(db, &d) > 0);
	assert_int_equal(rematch_changed(db, &d), 1000);
	assert_true(rematch_judge(db, &d) > 0);
	value_is(VERDICT, "fail");	/* by the advisories committed before */
	assert_true(database_int(db, "SELECT count(*) FROM advisory WHERE changed") > 2000);
	db_rollback(other);
	db_close(other);
}

/* --------------------------------------------------------------- what is hostile */

/* A document that no row can hold is counted and named; the others are stored. */
static void
test_a_document_of_excess_is_refused_alone(void **state)
{
	struct buf b;
	struct feed_result r = { 0 };
	int fd = memfd_create("feed", MFD_CLOEXEC);
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	struct diag d;

	(void)state;
	buf_init(&b, 16 * MIB);
	assert_int_equal(buf_str(&b, str_of("{\"schema_version\":\"1.7.0\",\"id\":\"BIG-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[")), 0);
	for (int i = 0; i <= LIMIT_ADVISORY_NAMES; i++)
		assert_int_equal(buf_printf(&b, "%s\"A-%d\"", i > 0 ? "," : "", i), 0);
	assert_int_equal(buf_str(&b, str_of("],\"affected\":[" BASH "]}")), 0);
	archive_write_set_format_zip(a);
	assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
	for (int i = 0; i < 2; i++) {
		struct str text = i == 0 ? buf_view(&b) : str_of(ONE);

		archive_entry_clear(e);
		archive_entry_set_pathname(e, i == 0 ? "BIG-1.json" : "CVE-2026-1.json");
		archive_entry_set_size(e, (int64_t)text.n);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		assert_int_equal(archive_write_data(a, text.p, text.n), text.n);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	lseek(fd, 0, SEEK_SET);
	if (feed_import_fd(db, &co, FEED, fd, &(struct feed_options) { 0 }, &r,
	    &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(r.documents, 1);
	assert_int_equal(r.malformed, 1);
	assert_non_null(strstr(r.names[0], "BIG-1: more than 10000 names"));
	feed_result_done(&r);
	close(fd);
	buf_done(&b);
	value_is("SELECT string_agg(name, ',') FROM advisory", "CVE-2026-1");
}

/* A stored document that is none says nothing, and stops nobody. */
static void
test_an_unreadable_stored_document_stops_nobody(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(ONE);
	import(DOCUMENT("CVE-2026-2", ""));
	settle();
	database_run(db, "UPDATE advisory SET document = '\\x93ff', changed = true WHERE name = 'CVE-2026-1'");
	import(DOCUMENT("CVE-2026-3", ""));
	add_image(2, 2, 1);
	settle();
	value_is("SELECT string_agg(vulnerability, ',' ORDER BY vulnerability) FROM dashboard.finding WHERE repository = 'app'",
	    "CVE-2026-2,CVE-2026-3");
	value_is(VERDICT, "fail,fail");
	assert_non_null(strstr(audit(), "advisory: advisory 1"));
}

/* What Debian's tracker says of an issue that is not fixed stands in the finding, and
 * rates it, whatever score another feed computes. */
static void
test_the_vendors_word_is_kept_and_rates(void **state)
{
#define ISSUE(id, more) "\"CVE-2026-100" id "\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"5.2-1\"}," more "}}}"
	static const char tracker[] = "{\"bash\":{"
	    ISSUE("1", "\"urgency\":\"not yet assigned\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"\"") ","
	    ISSUE("2", "\"urgency\":\"not yet assigned\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"postponed\"") ","
	    ISSUE("3", "\"urgency\":\"high\",\"nodsa\":\"x\",\"nodsa_reason\":\"ignored\"") ","
	    ISSUE("4", "\"urgency\":\"unimportant\"") ","
	    ISSUE("5", "\"urgency\":\"end-of-life\"") "}}";

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import_as("debian_tracker/debian", tracker, false);
	settle();
	/* not fixed in OSV's either, but scored */
	for (int i = 1; i <= 5; i++) {
		char text[600];

		snprintf(text, sizeof(text), "{\"schema_version\":\"1.7.0\",\"id\":\"CVE-2026-100%d\",\"modified\":\"2026-01-01T00:00:00Z\"," CVSS
		    ",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"bash\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
		    "\"events\":[{\"introduced\":\"0\"}]}]}]}", i);
		import(text);
	}
	settle();
	value_is("SELECT string_agg(concat_ws(' ', right(vulnerability, 1), severity, severity_upstream, status, fix_state, reason), ',' ORDER BY vulnerability) "
	    "FROM dashboard.finding", "1 medium critical affected not_fixed no-dsa,2 medium critical affected fix_deferred postponed,"
	    "3 high critical affected will_not_fix ignored,4 negligible critical affected not_fixed unimportant,"
	    "5 critical critical affected end_of_life end-of-life");
	as_rebuilt();
	/* another word alone is a change of the finding and of nothing else */
	import_as("debian_tracker/debian", "{\"bash\":{" ISSUE("3", "\"urgency\":\"high\",\"nodsa\":\"x\",\"nodsa_reason\":\"postponed\"") "}}", true);
	settle();
	value_is("SELECT fix_state || ' ' || reason FROM dashboard.finding WHERE vulnerability = 'CVE-2026-1003'", "fix_deferred postponed");
	value_is("SELECT severity || ' ' || reason FROM dashboard.finding WHERE vulnerability = 'CVE-2026-1001'", "critical ");
	value_is(VERDICT, "fail");
	as_rebuilt();
}

/* Whose images ${id} reaches, by the question of the command `affected`. */
static void
affected_is(const char *id, const char *want)
{
	struct db_result *r = NULL;
	struct diag d;

	assert_int_equal(DB_QUERY(db, sql_api_affected, &r, &d, db_text(str_of(id)), db_int(0), db_int(0), db_int(0),
	    db_text(str_of("")), db_int(10)), 0);
	if (want == NULL)
		assert_int_equal(db_rows(r), 0);
	else
		assert_non_null(strstr(db_col(r, 0, 0).p, want));
	db_free(r);
}

/* An advisory about several CVEs is found by each of its names, and what is known of
 * one of them counts. */
static void
test_an_advisory_of_several_cves_is_about_each(void **state)
{
	(void)state;
	import_as("kev", "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-2000\",\"dateAdded\":\"2026-01-02\","
	    "\"dueDate\":\"2026-01-23\",\"knownRansomwareCampaignUse\":\"Known\"}]}", false);
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(DOCUMENT("X-1", "\"aliases\":[\"CVE-2026-1000\",\"CVE-2026-2000\",\"GHSA-1\"],"));
	settle();
	value_is(ABOUT, "X-1=CVE-2026-1000 X-1=CVE-2026-2000");
	value_is("SELECT string_agg(vulnerability || ' ' || kev, ',' ORDER BY vulnerability) FROM dashboard.finding",
	    "CVE-2026-1000 false,CVE-2026-2000 true");
	affected_is("X-1", "\"CVE-2026-1000\"");
	affected_is("CVE-2026-1000", "\"vulnerability\":\"CVE-2026-1000\",\"severity\"");
	affected_is("CVE-2026-2000", "\"vulnerability\":\"CVE-2026-2000\",\"severity\"");
	affected_is("GHSA-1", "\"vulnerability\":\"CVE-2026-2000\",\"severity\"");
	affected_is("CVE-2026-3000", NULL);
	as_rebuilt();
	/* another advisory about one of them is no word about the other */
	import(DOCUMENT("X-2", "\"aliases\":[\"CVE-2026-2000\"],"));
	settle();
	value_is("SELECT count(*) FROM finding", "2");
	as_rebuilt();
}

/* What a distribution says of the package that owns another's files decides for that,
 * until it says something else. */
static void
test_a_word_about_the_owner_decides_for_what_it_ships(void **state)
{
#define FIXES(fixes) "{\"reponame\":\"os\",\"packages\":[{\"pkg\":{\"name\":\"py3-a\",\"secfixes\":{" fixes "}}}]}"
#define PYPI(id) "{\"id\":\"" id "\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"a\"}," \
	"\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
#define FOUND_IN "SELECT string_agg(v.name || ' ' || p.origin || ' ' || f.status || ' ' || f.rule, ',' " \
	"ORDER BY v.name, p.origin) FROM finding f JOIN vulnerability v ON v.id = f.vulnerability_id JOIN package p ON p.id = f.package_id"
	const struct match_package p[] = {
		{ .namespace = STR_LIT("PyPI"), .type = STR_LIT("pypi"), .name = STR_LIT("a"), .version = STR_LIT("1"), .origin = STR_LIT("installed") },
		{ .namespace = STR_LIT("PyPI"), .type = STR_LIT("pypi"), .name = STR_LIT("a"), .version = STR_LIT("1"), .origin = STR_LIT("shipped"),
		  .owner_namespace = STR_LIT("Wolfi"), .owner_source = STR_LIT("py3-a"), .owner_version = STR_LIT("1-r5") },
	};
	struct diag d;

	(void)state;
	assert_int_equal(farm_packages_insert(db, p, 2, &d), 0);
	assert_int_equal(farm_packages_keys(db, &d), 0);
	farm_import_document(db, &co, "osv/PyPI", str_of(PYPI("CVE-2026-1")));
	farm_import_document(db, &co, "osv/PyPI", str_of(PYPI("CVE-2026-2")));
	farm_import_document(db, &co, "osv/PyPI", str_of(PYPI("CVE-2026-3")));
	settle();
	value_is("SELECT count(*) FROM finding WHERE status = 'affected'", "6");
	import_as("secdb/wolfi", FIXES("\"0\":[\"CVE-2026-1\"],\"1-r5\":[\"CVE-2026-2\"],\"1-r6\":[\"CVE-2026-3\"]"), true);
	settle();
	value_is(FOUND_IN, "CVE-2026-1 installed affected range,CVE-2026-1 shipped not_affected owner,"
	    "CVE-2026-2 installed affected range,CVE-2026-2 shipped fixed owner,"
	    "CVE-2026-3 installed affected range,CVE-2026-3 shipped affected range");
	as_rebuilt();
	import_as("secdb/wolfi", FIXES("\"1-r6\":[\"CVE-2026-1\"],\"1-r4\":[\"CVE-2026-3\"]"), true);
	settle();
	value_is(FOUND_IN, "CVE-2026-1 installed affected range,CVE-2026-1 shipped affected range,"
	    "CVE-2026-2 installed affected range,CVE-2026-2 shipped affected range,"
	    "CVE-2026-3 installed affected range,CVE-2026-3 shipped fixed owner");
	as_rebuilt();
}

/* KEV and EPSS stand beside findings by their CVE, whatever the advisory is called,
 * and are no work for the matcher. */
static void
test_exploitation_stands_beside_findings(void **state)
{
	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	import(DOCUMENT("X-1", "\"aliases\":[\"CVE-2026-1000\"],"));
	settle();
	import_as("kev", "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1000\",\"dateAdded\":\"2026-01-02\","
	    "\"dueDate\":\"2026-01-23\",\"knownRansomwareCampaignUse\":\"Known\"}]}", false);
	import_as("epss", "cve,epss,percentile\nCVE-2026-1000,0.91963,0.99030\n", false);
	value_is("SELECT concat_ws(' ', vulnerability, advisory, kev, kev_due, kev_ransomware, epss, epss_percentile) FROM dashboard.finding",
	    "CVE-2026-1000 X-1 t 2026-01-23 t 0.91963 0.9903");
	value_is("SELECT concat_ws(' ', vulnerability, kev, kev_due, kev_ransomware, epss, epss_percentile) FROM dashboard.exposure",
	    "CVE-2026-1000 t 2026-01-23 t 0.91963 0.9903");
	value_is("SELECT (SELECT count(*) FROM advisory WHERE changed) || ' ' || (SELECT count(*) FROM rejudge)", "0 0");
	settle();
	value_is(LEDGER, ">fail:new_inventory");
	as_rebuilt();
}

/* Where the policy says so, what is known to be exploited decides: as it comes into the
 * catalogue and leaves it, as its finding comes and goes, before and behind both. */
static void
test_known_exploitation_decides_where_the_policy_says_so(void **state)
{
#define LOW "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N\"}]"
#define FIXED(id) "{\"schema_version\":\"1.7.0\",\"id\":\"" id "\",\"modified\":\"2026-01-01T00:00:00Z\"," LOW ",\"affected\":[" BASH "]}"
#define OPEN(id) "{\"schema_version\":\"1.7.0\",\"id\":\"" id "\",\"modified\":\"2026-01-01T00:00:00Z\"," LOW ",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\"," \
	"\"name\":\"p1\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
#define KEV(cve) "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"" cve "\",\"dateAdded\":\"2026-01-02\"}]}"
#define LAST "SELECT old || '>' || new || ':' || cause || ' ' || because FROM dashboard.verdict_change ORDER BY at DESC LIMIT 1"
	(void)state;
	add_layer(1, 2);
	add_image(1, 1, 1);
	import(FIXED("CVE-2026-1000"));
	import(OPEN("CVE-2026-2000"));
	settle();
	value_is(VERDICT, "pass");
	import_as("kev", KEV("CVE-2026-2000"), true);
	settle();
	value_is(VERDICT, "pass");
	as_rebuilt();
	database_run(db, "UPDATE policy SET fail_on_kev = true");
	settle();
	value_is(LAST, "pass>fail:policy fail_on high, fail_on_kev, only_fixed false, max_feed_age_s 0");
	value_is("SELECT reasons[1] FROM dashboard.image", "CVE-2026-2000 in p1 5.2-1: low, known exploited, no fix known");
	as_rebuilt();
	database_run(db, "UPDATE policy SET only_fixed = true");
	settle();
	value_is(VERDICT, "pass");
	as_rebuilt();
	/* another entry instead */
	import_as("kev", KEV("CVE-2026-1000"), true);
	settle();
	value_is(LAST, "pass>fail:kev CVE-2026-1000");
	as_rebuilt();
	/* an image that has it from the start, of a set of its own */
	add_layer(2, 1);
	add_image(2, 2, 2);
	settle();
	value_is(VERDICT, "fail,fail");
	as_rebuilt();
	import_as("kev", KEV("CVE-2026-3000"), true);
	settle();
	value_is(VERDICT, "pass,pass");
	value_is(LAST, "fail>pass:kev CVE-2026-1000");
	as_rebuilt();
	/* the finding comes behind the entry, and goes */
	import(FIXED("CVE-2026-3000"));
	settle();
	value_is(VERDICT, "fail,fail");
	value_is(LAST, "pass>fail:new_advisory CVE-2026-3000");
	as_rebuilt();
	import(DOCUMENT("CVE-2026-3000", "\"withdrawn\":\"2026-02-01T00:00:00Z\","));
	settle();
	value_is(VERDICT, "pass,pass");
	as_rebuilt();
	database_run(db, "UPDATE set_summary SET kev = 1 WHERE set_id = 1");
	assert_non_null(strstr(audit(), "set 1"));
}

/* The sets of what is exploited by now wait as rows: some are taken at once, what was taken in vain is found again, and
 * no audit begins before the last. */
static void
test_sets_of_what_is_exploited_are_looked_at_in_steps(void **state)
{
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	database_run(db, "UPDATE policy SET fail_on_kev = true");
	for (int i = 1; i <= 3; i++)
		add_layer(i, i);
	add_image(1, 1, 1);
	add_image(2, 1, 2);
	add_image(3, 1, 3);
	import(FIXED("CVE-2026-1000"));
	settle();
	value_is(VERDICT, "pass,pass,pass");
	import_as("kev", KEV("CVE-2026-1000"), true);
	assert_int_equal(DB_QUERY(db, sql_kev_spread, &r, &d, db_int(9)), 0);
	assert_int_equal(db_col_int(r, 0, 0), 1);
	db_free(r);
	value_is("SELECT (SELECT count(*) FROM kev_due) || ' ' || count(*) || max(cve) FROM kev_set_due", "0 3CVE-2026-1000");
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(DB_QUERY(db, sql_kev_sets_take, &r, &d, db_int(2)), 0);
	assert_int_equal(db_rows(r), 2);
	assert_int_equal(db_col_int(r, 1, 1), 1);
	db_free(r);
	value_is("SELECT count(*) FROM kev_set_due ", "1");
	db_rollback(db);
	assert_int_equal(db_query0(db, sql_audit_waiting, &r, &d), 0);
	assert_true(str_eqz(db_col(r, 0, 0), "exploited"));
	db_free(r);
	settle();
	value_is("SELECT count(*) FROM kev_set_due", "0");
	value_is(VERDICT, "fail,fail,fail");
	value_is(LEDGER, ">pass:new_inventory >pass:new_inventory >pass:new_inventory pass>fail:kev pass>fail:kev pass>fail:kev");
	as_rebuilt();
}

/* An image whose rows the database refuses has failed; the others go on. */
static void
test_an_image_that_no_row_can_hold(void **state)
{
	(void)state;
	import(ONE);
	add_layer(1, 2);
	add_layer(2, 1);
	add_image(1, 1, 1);
	add_image(2, 2, 2);
	database_run(db, "ALTER TABLE package ADD CONSTRAINT refused CHECK (name <> 'p1')");
	settle();
	database_run(db, "ALTER TABLE package DROP CONSTRAINT refused");
	value_is("SELECT string_agg(state || ' ' || dirty || ' ' || (reason LIKE '%refused%'), ',' ORDER BY id) FROM image",
	    "failed false true,applied false false");
	value_is("SELECT string_agg(verdict, ',' ORDER BY repository) FROM dashboard.image", "unknown,fail");
	as_rebuilt();
	database_run(db, "UPDATE image SET dirty = true");
	settle();
	value_is("SELECT string_agg(verdict, ',' ORDER BY repository) FROM dashboard.image", "fail,fail");
	as_rebuilt();
}

/* Names and ranges that stand in no index: nothing is lost but they, and it is said. */
static void
test_names_beyond_an_index(void **state)
{
	char text[6000], name[1100];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[1000] = '\0';
	snprintf(text, sizeof(text), "{\"schema_version\":\"1.7.0\",\"id\":\"LONG-1\",\"modified\":\"2026-01-01T00:00:00Z\"," CVSS
	    ",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"%s\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
	    "\"events\":[{\"introduced\":\"0\"}]}]}," BASH "]}", name);
	import(text);
	add_layer(1, 1);
	add_image(1, 1, 1);
	settle();
	value_is("SELECT count(*) || ' ' || (SELECT unmatched_entries FROM advisory) FROM affected", "1 1");
	value_is("SELECT string_agg(vulnerability, ',') FROM dashboard.finding", "LONG-1");
	as_rebuilt();
}

/* ---------------------------------------------------------------------- sweeping */

#define P2 "{\"id\":\"CVE-2026-77\",\"modified\":\"2026-01-01T00:00:00Z\"," CVSS ",\"affected\":[{\"package\":{\"ecosystem\":" \
	"\"Debian:12\",\"name\":\"p2\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
/* What there is; image 2 has a layer and the package p2 of its own. */
#define KEPT "SELECT concat_ws(' ', (SELECT count(*) FROM image_layer), (SELECT count(*) FROM image_set), (SELECT count(*) FROM inventory), " \
	"(SELECT count(*) FROM image_state), (SELECT count(*) FROM verdict), (SELECT count(*) FROM package_set), (SELECT count(*) FROM set_summary), " \
	"(SELECT count(*) FROM package), (SELECT count(*) FROM package_key), (SELECT count(*) FROM match), (SELECT count(*) FROM finding))"
#define BOTH "2 2 4 2 2 2 2 3 3 2 2"
#define FIRST "1 1 2 1 1 1 1 2 2 1 1"

/* Until it finds nothing; how many rows went. */
static uint64_t
sweep_all(void)
{
	struct sweep s = { 0 };
	uint64_t n, all = 0;
	struct diag d;

	database_run(db, "UPDATE leader SET epoch = 1");
	do {
		if (sweep_round(db, 1, &s, &n, &d) < 0)
			fail_msg("%s", d.text);
		all += n;
	} while (n > 0);
	return (all);
}

/* Image 1 in app, image 2 in other, both judged, both old. */
static void
two_images(void)
{
	import(ONE);
	import(P2);
	add_layer(1, 2);
	add_layer(2, 3);
	add_image(1, 1, 1);
	add_image(2, 2, 2);
	database_run(db, "INSERT INTO tag_history (repository_id, tag, image_id) VALUES (1, 'v', 1), (2, 'v', 2)");
	settle();
	database_run(db, "UPDATE image SET first_seen = now() - interval '500 days'");
	value_is(VERDICT, "fail,fail");
}

/* Image 2 left its repository so many days ago. */
static void
gone(int64_t days)
{
	struct diag d;

	assert_int_equal(DB_QUERY(db, "UPDATE repository_image SET gone_at = now() - make_interval(days => $1::integer) "
	    "WHERE image_id = 2", NULL, &d, db_int(days)), 0);
	assert_int_equal(DB_QUERY(db, "UPDATE tag_history SET gone_at = now() - make_interval(days => $1::integer) "
	    "WHERE image_id = 2", NULL, &d, db_int(days)), 0);
	settle();
}

static void
test_what_is_there_is_not_swept(void **state)
{
	(void)state;
	two_images();
	assert_int_equal(sweep_all(), 0);
	gone(89);
	assert_int_equal(sweep_all(), 0);
	value_is(KEPT, BOTH);
	/* for ever */
	database_run(db, "INSERT INTO setting VALUES ('keep_images_days', '0'), ('keep_history_days', '0')");
	gone(4000);
	assert_int_equal(sweep_all(), 0);
	value_is(KEPT, BOTH);
	database_run(db, "UPDATE setting SET value = '5000' WHERE name LIKE 'keep%'");
	assert_int_equal(sweep_all(), 0);
	database_run(db, "DELETE FROM setting WHERE name LIKE 'keep%'");
	as_rebuilt();
}

static void
test_an_image_gone_for_long_is_swept(void **state)
{
	(void)state;
	two_images();
	value_is(KEPT, BOTH);
	gone(91);
	assert_true(sweep_all() > 0);
	value_is(KEPT, FIRST);
	value_is(FINDINGS, FOUND);
	value_is(VERDICT, "fail");
	value_is("SELECT string_agg(concat_ws(' ', kind, state, image_state_id IS NULL), ',' ORDER BY id) FROM image",
	    "image applied f,unresolved new t");
	value_is("SELECT string_agg(state, ',' ORDER BY id) FROM layer", "done,new");
	/* where tags pointed is kept longer */
	value_is("SELECT count(*) FROM tag_history", "2");
	as_rebuilt();
	assert_int_equal(sweep_all(), 0);
	settle();
	as_rebuilt();
}

/* It comes back: it is resolved, and its layer read, as if it were new. */
static void
test_what_comes_back_is_read_again(void **state)
{
	struct diag d;

	(void)state;
	two_images();
	gone(91);
	sweep_all();
	assert_int_equal(DB_QUERY(db, sql_repository_image_upsert, NULL, &d, db_int(2), db_int(2)), 0);
	assert_int_equal(DB_QUERY(db, sql_job_resolve, NULL, &d, db_int(2), db_int(0)), 0);
	value_is("SELECT string_agg(kind || image_id, ',') FROM job", "resolve2");
	database_run(db, "UPDATE image SET kind = 'image', state = 'resolved' WHERE id = 2");
	database_run(db, "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) VALUES (2, 0, 2, 10, '')");
	assert_int_equal(DB_QUERY(db, sql_layer_jobs, NULL, &d, db_int(2), db_int(0)), 0);
	value_is("SELECT count(*) FROM job WHERE layer_id = 2", "1");
	assert_int_equal(DB_QUERY(db, sql_image_ready_dirty, NULL, &d, db_int(2)), 0);
	value_is("SELECT count(*) FROM image WHERE dirty", "0");
	/* with an open job it stays */
	database_run(db, "UPDATE repository_image SET gone_at = now() - interval '91 days' WHERE image_id = 2");
	sweep_all();
	value_is("SELECT count(*) FROM image_layer WHERE image_id = 2", "1");
}

/* A layer that two images have, a child of an index, a repository that is gone. */
static void
test_what_others_have_is_not_swept(void **state)
{
	(void)state;
	two_images();
	add_image(3, 1, 2);
	settle();
	gone(91);
	sweep_all();
	value_is("SELECT count(*) FROM inventory WHERE layer_id = 2", "2");
	value_is("SELECT count(*) FROM package WHERE name = 'p2'", "1");
	as_rebuilt();
	database_run(db, "INSERT INTO image (digest, kind, state) VALUES ('\\x01', 'index', 'resolved')");
	database_run(db, "INSERT INTO repository_image (repository_id, image_id) VALUES (2, 4)");
	database_run(db, "INSERT INTO index_child (index_id, position, child_id) VALUES (4, 0, 3)");
	database_run(db, "UPDATE image SET first_seen = now() - interval '500 days'");
	database_run(db, "UPDATE repository_image SET gone_at = now() - interval '91 days' WHERE image_id = 3");
	sweep_all();
	value_is("SELECT count(*) FROM image_layer WHERE image_id = 3", "1");
	database_run(db, "UPDATE repository SET gone_at = now() - interval '91 days' WHERE id = 2");
	sweep_all();
	settle();
	sweep_all();
	value_is("SELECT count(*) FROM image_layer WHERE image_id = 3", "0");
	value_is("SELECT count(*) FROM inventory WHERE layer_id = 2", "0");
	value_is("SELECT count(*) FROM package WHERE name = 'p2'", "0");
	as_rebuilt();
}

/* While somebody is about to refer to it, and when the sweep ends in the middle. */
static void
test_a_sweep_beside_a_push_and_one_that_is_killed(void **state)
{
	struct db_result *r = NULL;
	struct db *other, *killed;
	struct vec ids = { 0 };
	struct diag d;

	(void)state;
	two_images();
	gone(91);
	assert_int_equal(db_open(database_conninfo, "other", &other, &d), 0);
	database_run(other, "BEGIN");
	database_run(other, "INSERT INTO repository_image (repository_id, image_id) VALUES (1, 2)");
	assert_int_equal(sweep_all(), 0);
	database_run(other, "ROLLBACK");
	value_is(KEPT, BOTH);

	assert_int_equal(db_open(database_conninfo, "killed", &killed, &d), 0);
	assert_int_equal(db_begin(killed, &d), 0);
	assert_int_equal(DB_QUERY(killed, sql_sweep_images_lock, &r, &d, db_int(0), db_int(100)), 0);
	vec_column(&ids, r, 1);
	db_free(r);
	assert_int_equal(ids.n, 1);
	assert_int_equal(DB_QUERY(killed, sql_sweep_presence, NULL, &d, vec_param(&ids)), 0);
	assert_int_equal(DB_QUERY(killed, sql_sweep_images, NULL, &d, vec_param(&ids)), 0);
	database_run(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'killed'");
	assert_true(db_query0(killed, "SELECT 1", NULL, &d) < 0);
	db_close(killed);
	vec_done(&ids);
	value_is(KEPT, BOTH);
	as_rebuilt();
	assert_true(sweep_all() > 0);
	value_is(KEPT, FIRST);
	as_rebuilt();
	db_close(other);
}

/* Layer 1 is read again on ${c}; false when that has to wait for somebody. */
static bool
reread(struct db *c)
{
	struct diag d;
	int rc;

	assert_int_equal(db_begin(c, &d), 0);
	if ((rc = db_query0(c, "UPDATE layer SET reasons = '{cut}', state = 'incomplete' WHERE id = 1", NULL, &d)) == 0 &&
	    (rc = DB_QUERY(c, sql_layer_images_dirty, NULL, &d, db_int(1))) == 0)
		rc = db_commit(c, &d);
	db_rollback(c);
	return (rc == 0);
}

/* The matcher's transaction, in a session and a thread of its own. */
static void *
apply_one_image(void *arg)
{
	struct db *c = arg;
	struct db_result *r = NULL;
	struct diag d;

	if (db_begin(c, &d) == 0 && apply_store_take(c, 16, &r, &d) == 0 &&
	    db_rows(r) == 1 && apply_store(c, 1, sip_key, &d) == 0)
		(void)db_commit(c, &d);
	db_rollback(c);
	db_free(r);
	return (NULL);
}

/* Whatever comes to its layers meanwhile: it waits, or the image does. */
static void
test_what_a_layer_comes_to_while_its_image_is_applied_counts(void **state)
{
	struct db_result *r = NULL;
	struct db *matcher, *other, *brake;
	pthread_t t;
	struct diag d;
	bool done;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	assert_int_equal(db_open(database_conninfo, "matcher", &matcher, &d), 0);
	assert_int_equal(db_open(database_conninfo, "other", &other, &d), 0);
	assert_int_equal(db_open(database_conninfo, "brake", &brake, &d), 0);
	assert_int_equal(db_query0(other, "SET lock_timeout = 200", NULL, &d), 0);
	/* it stops behind its layers, which it has read, and before its mark goes */
	database_run(brake, "BEGIN");
	database_run(brake, "LOCK TABLE coverage IN ACCESS EXCLUSIVE MODE");
	assert_int_equal(pthread_create(&t, NULL, apply_one_image, matcher), 0);
	database_until(db, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'coverage'::regclass", "1");
	done = reread(other);
	database_run(brake, "COMMIT");
	pthread_join(t, NULL);
	assert_true(done || reread(other));
	settle();
	value_is("SELECT incomplete FROM image_state s, image i WHERE s.id = i.image_state_id", "t");

	/* one that somebody holds is left to him */
	database_run(db, "UPDATE image SET dirty = true");
	assert_int_equal(db_begin(other, &d), 0);
	assert_int_equal(db_query0(other, "SELECT 1 FROM image FOR NO KEY UPDATE", NULL, &d), 0);
	assert_int_equal(DB_QUERY(db, sql_images_dirty, &r, &d, db_int(16)), 0);
	assert_int_equal(db_rows(r), 0);
	db_free(r);
	db_close(brake);
	db_close(other);
	db_close(matcher);
}

/* An import of repositories marks images: who applies some waits for it, and it for nobody. */
static void
test_applying_waits_for_an_import_of_repositories(void **state)
{
	struct db *matcher, *import;
	pthread_t t;
	struct diag d;

	(void)state;
	add_layer(1, 1);
	add_image(1, 1, 1);
	assert_int_equal(db_open(database_conninfo, "matcher", &matcher, &d), 0);
	assert_int_equal(db_open(database_conninfo, "import", &import, &d), 0);
	assert_int_equal(db_query0(import, "SET lock_timeout = 200", NULL, &d), 0);
	assert_int_equal(db_begin(import, &d), 0);
	assert_int_equal(db_query0(import, sql_content_sets_lock, NULL, &d), 0);
	assert_int_equal(pthread_create(&t, NULL, apply_one_image, matcher), 0);
	database_until(db, "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'", "1");
	assert_int_equal(db_query0(import, "UPDATE image SET dirty = true", NULL, &d), 0);
	assert_int_equal(db_commit(import, &d), 0);
	pthread_join(t, NULL);
	value_is("SELECT dirty FROM image", "f");
	db_close(import);
	db_close(matcher);
}

static void
test_history_is_swept(void **state)
{
	(void)state;
	two_images();
	gone(401);
	database_run(db, "UPDATE verdict_ledger SET at = now() - interval '401 days' WHERE image_state_id = 2");
	database_run(db, "UPDATE verdict_ledger SET at = now() - interval '399 days' WHERE image_state_id = 1");
	/* what an image held, and what it holds */
	database_run(db, "INSERT INTO image_state (digest, sets, matched) VALUES ('\\x02', '{}', true), ('\\x03', '{}', true)");
	database_run(db, "UPDATE image_state_history SET since = now() - interval '401 days'");
	database_run(db, "INSERT INTO image_state_history (image_id, image_state_id, since) VALUES (1, 3, now() - interval '402 days'), "
	    "(1, 4, now() - interval '300 days')");
	sweep_all();
	value_is("SELECT string_agg(tag || image_id, ',') FROM tag_history", "v1");
	value_is("SELECT string_agg(DISTINCT image_state_id::text, ',') FROM verdict_ledger", "1");
	value_is("SELECT string_agg(image_state_id::text, ',' ORDER BY 1) FROM image_state_history", "1,4");
	value_is("SELECT string_agg(id::text, ',' ORDER BY id) FROM image_state", "1,4");
}

#define T(f) cmocka_unit_test_setup(f, empty_farm)

static size_t
targets_due(void)
{
	struct db_result *r = NULL;
	struct diag d;
	size_t n;

	assert_int_equal(db_query0(db, sql_notify_due, &r, &d), 0);
	n = db_rows(r);
	db_free(r);
	return (n);
}

/* While more of them are queued, changes wait for each other: a minute at most. */
static void
test_changes_of_a_storm_are_told_together(void **state)
{
	(void)state;
	database_run(db, "TRUNCATE notification, notify_target RESTART IDENTITY");
	database_run(db, "INSERT INTO notify_target (name, url, origin, delivered) VALUES ('t', '', '', 0)");
	assert_int_equal(targets_due(), 0);
	database_run(db, "INSERT INTO notification (image_state_id, old, new, cause) VALUES (1, 'pass', 'fail', 'policy')");
	assert_int_equal(targets_due(), 1);
	database_run(db, "INSERT INTO rejudge (image_state_id, cause, reference) VALUES (2, 'policy', '')");
	assert_int_equal(targets_due(), 0);
	database_run(db, "UPDATE notification SET at = now() - interval '61 s'");
	assert_int_equal(targets_due(), 1);
	database_run(db, "UPDATE notification SET at = now()");
	database_run(db, "DELETE FROM rejudge");
	assert_int_equal(targets_due(), 1);
	database_run(db, "TRUNCATE notification, notify_target RESTART IDENTITY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_package_first),
		T(test_advisory_first),
		T(test_the_same_again_changes_nothing),
		T(test_withdrawn_is_retracted),
		T(test_a_layer_that_was_read_again),
		T(test_changes_are_those_of_the_image),
		T(test_aliases_join_later),
		T(test_import_beside_a_push),
		T(test_known_content_in_another_repository),
		T(test_no_pass_in_the_middle_of_a_feed),
		T(test_no_pass_while_a_language_waits_to_be_matched),
		T(test_an_unreadable_layer_is_unknown),
		T(test_a_windows_image_is_unknown),
		T(test_an_image_without_packages_passes),
		T(test_ten_thousand_packages),
		T(test_an_old_feed_makes_unknown),
		T(test_an_edited_policy_judges_again),
		T(test_counts_follow_what_is_removed),
		T(test_a_round_does_not_scan_images),
		T(test_a_late_alias_joins_the_whole_chain),
		T(test_upstream_follows_its_class),
		T(test_of_one_id_in_a_file_the_later_modified_counts),
		T(test_the_newest_copy_of_a_document_counts),
		T(test_a_denial_overrules_until_it_is_gone),
		T(test_a_later_statement_replaces_an_earlier_one),
		T(test_a_statement_about_a_binary_finds_it),
		T(test_what_is_hidden_counts_nowhere),
		T(test_a_release_that_leaves_its_feed_is_unknown),
		T(test_a_release_whose_support_has_ended_is_unknown),
		T(test_a_large_document_of_many_advisories),
		T(test_what_a_whole_feed_lacks_is_withdrawn),
		T(test_a_file_that_is_another_is_held_back),
		T(test_a_statement_makes_no_feed_of_a_namespace),
		T(test_what_statements_were_taken_for_is_taken_back),
		T(test_images_are_applied_again_by_what_is_known_now),
		T(test_nothing_is_kept_of_what_is_no_release),
		T(test_what_was_kept_of_no_release_is_withdrawn),
		T(test_a_mention_makes_no_feed_of_a_namespace),
		T(test_an_addition_makes_no_feed_of_a_namespace),
		T(test_a_feed_taken_out_says_nothing),
		T(test_a_damaged_document_stays_as_it_was),
		T(test_a_push_does_not_wait_for_an_import),
		T(test_a_document_of_excess_is_refused_alone),
		T(test_an_unreadable_stored_document_stops_nobody),
		T(test_names_beyond_an_index),
		T(test_the_vendors_word_is_kept_and_rates),
		T(test_an_advisory_of_several_cves_is_about_each),
		T(test_a_word_about_the_owner_decides_for_what_it_ships),
		T(test_exploitation_stands_beside_findings),
		T(test_known_exploitation_decides_where_the_policy_says_so),
		T(test_sets_of_what_is_exploited_are_looked_at_in_steps),
		T(test_an_image_that_no_row_can_hold),
		T(test_the_audit_sees_every_table),
		T(test_no_audit_of_a_busy_farm),
		T(test_what_is_there_is_not_swept),
		T(test_an_image_gone_for_long_is_swept),
		T(test_what_comes_back_is_read_again),
		T(test_changes_of_a_storm_are_told_together),
		T(test_what_others_have_is_not_swept),
		T(test_a_sweep_beside_a_push_and_one_that_is_killed),
		T(test_what_a_layer_comes_to_while_its_image_is_applied_counts),
		T(test_applying_waits_for_an_import_of_repositories),
		T(test_history_is_swept),
	};

	return (cmocka_run_group_tests_name("matcher", tests, set_up, tear_down));
}

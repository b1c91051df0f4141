/* Explanations: one row for each reason why a vulnerability does or does not
 * concern a package, and what must hold of every one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/explain.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/index.h"

#define CVE "CVE-2024-0001"
#define DOCS 4

/* ADVISORY(id, more members, entries), ENTRY(ecosystem, name, more members) */
#define ADVISORY(id, more, entries) "{\"id\":\"" id "\",\"modified\":"	\
	"\"2024-01-01T00:00:00Z\",\"upstream\":[\"" CVE "\"]" more		\
	",\"affected\":[" entries "]}"
#define ENTRY(ecosystem, name, more) "{\"package\":{\"ecosystem\":\""	\
	ecosystem "\",\"name\":\"" name "\"}" more "}"
#define RANGE(events) ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":["	\
	"{\"introduced\":\"0\"}" events "]}]"
#define FIXED(v) ",{\"fixed\":\"" v "\"}"
#define VEX(id, year, status, name, range) "{\"@context\":\"https://openvex.dev/ns/v0.2.0\","	\
	"\"@id\":\"" id "\",\"timestamp\":\"" year "-01-01T00:00:00Z\","		\
	"\"statements\":["							\
	"{\"vulnerability\":{\"name\":\"" CVE "\"},\"status\":\"" status "\","	\
	"\"products\":[{\"@id\":\"pkg:pypi/" name "?vers=vers:pypi/" range "\"}]}]}"
#define HIGH ",\"ecosystem_specific\":{\"urgency\":\"high\"}"
#define S(s) STR_LIT(s)

/* What a document says is put into ${x}, as about CVE. */
struct reading {
	struct explain *x;
	struct index *index;
	const char *ignored;
};

static int
take(void *arg, const struct advisory *a, struct diag *d)
{
	struct reading *r = arg;
	const struct str name = str_of(CVE);
	const struct explain_document doc = { .feed = str_of("f/F"),
		.names = &name, .n = 1, .ignored = r->ignored };
	int rc = r->ignored == NULL && r->index != NULL ?
	    index_advisory(r->index, NULL, a, d) : 0;

	return (rc < 0 ? rc : explain_advisory(r->x, &doc, a, d));
}

static int
refuse(void *arg, struct str name, const struct diag *why, struct diag *d)
{
	(void)arg;
	(void)d;
	fail_msg("%.*s: %s", STR_ARG(name), why->text);
	return (ERR_MALFORMED);
}

static void
read_document(struct reading *r, const char *json)
{
	const struct feed_sink sink = { .arg = r, .advisory = take,
	    .malformed = refuse };
	const struct feed_importer *f = feed_of_document(str_of(json));
	struct feed_count count = { 0 };
	struct diag d;

	if (f->document(str_of(json), &sink, &count, &d) < 0)
		fail_msg("%s: %s", json, d.text);
}

#define OPENSSL { .namespace = S("Debian:12"), .type = S("deb"),		\
	.name = S("libssl3"), .version = S("3.0.9-1"),			\
	.source_name = S("openssl"), .origin = S("distro") }
static const struct match_package openssl = OPENSSL;

struct row {
	struct match_package p;
	const char *docs[DOCS];
	const char *want[8];	/* in the text */
};

static const struct row rows[] = {
	/* in range; the farther fix decides */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("3.0.10-1")) HIGH)), ADVISORY("D-2", "",
	    ENTRY("Debian:12", "openssl", RANGE(FIXED("3.0.11-1")))) },
	  { CVE " in libssl3 3.0.9-1: affected, high, fixed in 3.0.11-1\n",
	    "because   D-2 says affected: 0 <= 3.0.9-1 < 3.0.11-1, the version "
	    "that fixes it (order deb); it decides: its fix is the farthest",
	    "D-1 of feed f/F, modified 2024-01-01T00:00:00Z: applies, high (the "
	    "word of the entry), fixed in 3.0.10-1\n            overruled "
	    "(farthest_fix)", "decides (farthest_fix)", "severity  high: a "
	    "word about this package, before others",
	    "pkg:deb/libssl3@3.0.9-1?upstream=openssl" } },
	/* a known fix before none */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(""))), ADVISORY("D-2", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("4")))) }, { "overruled (known_fix)", "0 <= 3.0.9-1, "
	    "without an upper end (order deb): inside", "unknown (nobody rates "
	    "it)" } },
	/* the same said twice */
	{ OPENSSL, { ADVISORY("D-2", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("4")))), ADVISORY("D-1", "", ENTRY("Debian:12",
	    "openssl", RANGE(FIXED("4")))) }, { "because   D-1 says affected",
	    "overruled (first_id)" } },
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("4")))) }, { "no other source applies",
	    "decides (only_source)" } },
	/* fixed already */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("3.0.9-1")))) }, { CVE " in libssl3 3.0.9-1: "
	    "not_affected\n  because   D-1: 3.0.9-1 >= 3.0.9-1, the version "
	    "that fixes it (order deb)" } },
	/* not yet introduced; after the last affected one */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":"
	    "\"3.1\"},{\"fixed\":\"3.2\"}]}]")) }, { "not_affected",
	    "3.0.9-1 < 3.1, where it begins" } },
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":"
	    "\"0\"},{\"last_affected\":\"2\"}]}]")) }, { "not_affected",
	    "3.0.9-1 > 2, the last affected version" } },
	/* a range that begins behind a version */
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1.0"), .origin = S("installed") },
	  { VEX("V-1", "2024", "affected", "x", ">1.0") }, { "not_affected", "1.0 <= 1.0, where it begins "
	    "(order pep440)" } },
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1.1"), .origin = S("installed") },
	  { VEX("V-1", "2024", "affected", "x", ">1.0|<2") }, { "affected", "1.0 < 1.1 < 2, the end of the "
	    "range (order pep440)" } },
	/* a statement that was replaced */
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1.1"), .origin = S("installed") },
	  { VEX("V-1", "2023", "not_affected", "x", "*"), VEX("V-2", "2024",
	    "affected", "x", "*") }, { "1.1: affected", "it decides: what was "
	    "stated before it", "overruled (later_statement)" } },
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1.1"), .origin = S("installed") },
	  { VEX("V-1", "2025", "not_affected", "x", "*"), VEX("V-2", "2024",
	    "affected", "x", "*") }, { "1.1: not_affected", "V-1/" CVE " says "
	    "not_affected", "overruled (later_statement)" } },
	/* another release, another package */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:11", "openssl",
	    RANGE("")) "," ENTRY("Debian:13", "openssl", RANGE(""))) },
	  { "not_affected", "D-1: it speaks of Debian:11, Debian:13, not of "
	    "Debian:12" } },
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("PyPI", "openssl", RANGE(""))) },
	  { CVE ": not affected: no package of this image is named by the 1 "
	    "advisory about it\n", "not here  D-1 of feed f/F is about " CVE
	    " in PyPI openssl" } },
	{ OPENSSL, { NULL }, { CVE ": unknown here: no advisory speaks of it" } },
	/* withdrawn */
	{ OPENSSL, { ADVISORY("D-1", ",\"withdrawn\":\"2024-02-02T00:00:00Z\"",
	    ENTRY("Debian:12", "openssl", RANGE(""))) }, { "not_affected",
	    "D-1: it was withdrawn at 2024-02-02T00:00:00Z" } },
	/* enumerated */
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1.0"), .origin = S("installed") },
	  { ADVISORY("P-1", "", ENTRY("PyPI", "X", ",\"versions\":[\"1\","
	    "\"2\"]")), ADVISORY("P-2", "", ENTRY("PyPI", "x",
	    ",\"versions\":[\"3\"]")), ADVISORY("P-3", "", ENTRY("PyPI", "x",
	    RANGE(FIXED("0.5")) ",\"versions\":[\"1.0\"]")) },
	  { "affected", "P-1 says affected: 1.0 is one of the 2 versions it lists "
	    "(order pep440)", "1.0 is none of the 1 versions it lists",
	    "the 1 versions it lists do not count beside ranges that can be "
	    "ordered: ranges decide", "1.0 >= 0.5" } },
	/* what cannot be compared is not clean */
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("???"), .origin = S("installed") },
	  { ADVISORY("P-1", "", ENTRY("PyPI", "x", RANGE(FIXED("2")))) },
	  { "in x ???: unknown\n", "??? is no version that pep440 can order" } },
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("not a version")))) }, { "unknown\n",
	    "from 0 to not a version cannot be ordered by deb" } },
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    ",\"ranges\":[{\"type\":\"GIT\",\"repo\":\"r\",\"events\":["
	    "{\"introduced\":\"0\"}]}]")) }, { "unknown\n",
	    "it names no version that can be compared" } },
	{ { .namespace = S("SwiftURL"), .type = S("swift"), .name = S("x"),
	    .version = S("1"), .origin = S("installed") },
	  { ADVISORY("S-1", "", ENTRY("SwiftURL", "x", RANGE(""))) },
	  { "affected" } },
	{ { .namespace = S("Nobody:1"), .type = S("rpm"), .name = S("x"),
	    .version = S("1"), .origin = S("distro") },
	  { ADVISORY("N-1", "", ENTRY("Nobody:1", "x", RANGE(""))) },
	  { "unknown\n", "versions of Nobody:1 cannot be ordered yet" } },
	/* whose it is */
	{ { .namespace = S("Debian:12"), .type = S("deb"), .name = S("docker"),
	    .version = S("1"), .origin = S("third_party") },
	  { ADVISORY("D-1", "", ENTRY("Debian:12", "docker", RANGE(""))) },
	  { "not_affected", "the package is a third party's: it shares a name "
	    "with one of Debian:12, not its fixes" } },
	{ { .namespace = S("PyPI"), .type = S("pypi"), .name = S("x"),
	    .version = S("1"), .origin = S("owned") },
	  { ADVISORY("P-1", "", ENTRY("PyPI", "x", RANGE(""))) },
	  { "not_affected", "the distribution ships and patches it, its own data "
	    "decides", "whose     owned: shipped and patched" } },
	{ { .namespace = S("Debian:12"), .type = S("deb"),
	    .name = S("linux-libc-dev"), .version = S("1"),
	    .source_name = S("linux"), .origin = S("header") },
	  { ADVISORY("D-1", "", ENTRY("Debian:12", "linux", RANGE("") HIGH)) },
	  { "affected, high, hidden: it counts nowhere", "whose     header: "
	    "headers or symbols, which cannot run" } },
	/* a bare word about exactly this package */
	{ OPENSSL, { ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("4")) HIGH)), "{\"@context\":\"https://openvex.dev/ns/"
	    "v0.2.0\",\"@id\":\"V-1\",\"timestamp\":\"2024-01-01T00:00:00Z\","
	    "\"statements\":[{\"vulnerability\":{\"name\":\"" CVE "\"},"
	    "\"products\":[{\"@id\":\"pkg:deb/debian/openssl@3.0.9-1?distro="
	    "debian-12\"}],\"status\":\"not_affected\",\"justification\":"
	    "\"vulnerable_code_not_present\"}]}" },
	  { "in libssl3 3.0.9-1: not_affected", "overruled (denial)",
	    "a word about exactly this package overrules every claim" } },
	/* channels */
	{ { .namespace = S("Ubuntu:22.04:LTS"), .type = S("deb"),
	    .name = S("bash"), .version = S("5.1-1"), .origin = S("distro") },
	  { ADVISORY("UBUNTU-1", "", ENTRY("Ubuntu:Pro:22.04:LTS", "bash",
	    RANGE(FIXED("5.1-1+esm1")))) }, { "in bash 5.1-1: affected, unknown\n",
	    "that fix is for subscribers: Ubuntu:Pro:22.04:LTS" } },
	{ { .namespace = S("Ubuntu:22.04:LTS"), .type = S("deb"),
	    .name = S("bash"), .version = S("5.1-2"), .origin = S("distro") },
	  { ADVISORY("UBUNTU-1", "", ENTRY("Ubuntu:22.04:LTS", "bash",
	    RANGE(FIXED("5.1-2"))) "," ENTRY("Ubuntu:Pro:22.04:LTS", "bash",
	    RANGE(FIXED("5.2-1+esm1")))) }, { "not_affected",
	    "because   UBUNTU-1: 5.1-2 >= 5.1-2, the version that fixes it" } },
	/* modules */
	{ { .namespace = S("AlmaLinux:8"), .type = S("rpm"), .name = S("nodejs"),
	    .version = S("1:18.0.0-1.module_el8"), .origin = S("distro"),
	    .module = S("nodejs:18:1:2") },
	  { ADVISORY("A-1", "", ENTRY("AlmaLinux:8", "nodejs",
	    RANGE(FIXED("1:20.0.0-1.el8")))) }, { "not_affected",
	    "it speaks of other builds, not of module nodejs:18" } },
};

static char *
text_of(const struct explain *x)
{
	struct buf b;
	struct diag d;

	buf_init(&b, MIB);
	assert_int_equal(explain_text(x, &b, &d), 0);
	assert_int_equal(buf_byte(&b, 0), 0);
	return ((char *)b.p);
}

/* Nothing but printable lines, and JSON that is some. */
static void
check_forms(const struct explain *x, const char *text)
{
	struct json_writer w;
	struct json *j;
	struct diag d;
	struct buf b;

	for (const char *p = text; *p != '\0'; p++)
		assert_true((unsigned char)*p >= ' ' || *p == '\n');
	buf_init(&b, MIB);
	json_w_init(&w, &b);
	explain_json(x, &w);
	assert_int_equal(w.error, 0);
	assert_int_equal(json_parse(buf_view(&b), MIB, &j, &d), 0);
	assert_true(json_is_array(json_get(j, "explanations")));
	json_free(j);
	buf_done(&b);
}

static void
test_every_reason_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r = { .x = explain_new(MIB, str_of(CVE)),
			.index = index_new(MIB) };
		const struct index_hit *hits;
		struct finding *f;
		struct diag d;
		size_t n;
		char *text;

		assert_int_equal(explain_package(r.x, &rows[i].p, &d), 0);
		assert_int_equal(explain_name(r.x, str_of(CVE), &d), 0);
		assert_int_equal(index_package(r.index, &rows[i].p, &n, &d), 0);
		for (size_t k = 0; k < DOCS && rows[i].docs[k] != NULL; k++)
			read_document(&r, rows[i].docs[k]);
		assert_int_equal(explain_finish(r.x, &d), 0);
		text = text_of(r.x);
		for (size_t k = 0; rows[i].want[k] != NULL; k++)
			if (strstr(text, rows[i].want[k]) == NULL)
				fail_msg("row %zu: no \"%s\" in\n%s", i,
				    rows[i].want[k], text);
		check_forms(r.x, text);
		/* what is affected here is a finding there */
		assert_int_equal(index_finish(r.index, &hits, &n, &d), 0);
		f = finding_list(r.index, hits, n, &n);
		assert_int_equal(explain_affected(r.x),
		    n > 0 && str_eqz(f[0].status, "affected"));
		free(f);
		free(text);
		index_free(r.index);
		explain_free(r.x);
	}
}

static void
test_without_a_question_only_findings_are_explained(void **state)
{
	struct reading r = { .x = explain_new(MIB, str_of("")) };
	struct match_package other = openssl;
	struct diag d;
	char *text;

	(void)state;
	other.version = str_of("9");
	assert_int_equal(explain_package(r.x, &other, &d), 0);
	assert_int_equal(explain_package(r.x, &openssl, &d), 0);
	assert_int_equal(explain_package(r.x, &openssl, &d), 0);
	assert_int_equal(explain_name(r.x, str_of(CVE), &d), 0);
	read_document(&r, ADVISORY("D-1", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("4")))));
	read_document(&r, ADVISORY("D-2", "", ENTRY("PyPI", "x", RANGE(""))));
	r.ignored = "a newer copy of the document counts";
	read_document(&r, ADVISORY("D-3", "", ENTRY("Debian:12", "openssl",
	    RANGE(FIXED("5")))));
	assert_int_equal(explain_finish(r.x, &d), 0);
	assert_int_equal(explain_affected(r.x), 1);
	text = text_of(r.x);
	assert_non_null(strstr(text, "3.0.9-1: affected"));
	assert_null(strstr(text, "libssl3 9"));
	assert_null(strstr(text, "not here"));
	/* a document that does not count is shown, and decides nothing */
	assert_non_null(strstr(text, "D-3 of feed f/F, modified 2024-01-01T00:"
	    "00:00Z: does not apply: a newer copy of the document counts"));
	assert_null(strstr(text, "fixed in 5"));
	check_forms(r.x, text);
	free(text);
	explain_free(r.x);
}

static void
test_long_and_hostile_documents_are_bounded(void **state)
{
	static char doc[400000], name[5000];
	struct reading r = { .x = explain_new(MIB, str_of(CVE)) };
	const struct feed_sink sink = { .arg = &r, .advisory = take,
	    .malformed = refuse };
	struct match_package evil = openssl;
	struct feed_count count = { 0 };
	struct diag d;
	int rc = 0;
	size_t n;
	char *text;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	evil.arch = str_of("\x1b[31m\xff");
	evil.version = str_of("500");
	assert_int_equal(explain_package(r.x, &evil, &d), 0);
	evil.version = str_of("499-5");
	assert_int_equal(explain_package(r.x, &evil, &d), 0);
	assert_int_equal(explain_name(r.x, str_of(CVE), &d), 0);
	n = (size_t)snprintf(doc, sizeof(doc), "{\"id\":\"D-1\",\"modified\":"
	    "\"\x1b%s\",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\","
	    "\"name\":\"openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
	    "\"events\":[{\"introduced\":\"0\"}", "\\u001b");
	for (int i = 1; i < 1000; i++)
		n += (size_t)snprintf(doc + n, sizeof(doc) - n, ",{\"fixed\":"
		    "\"%d\"},{\"introduced\":\"%d-1\"}", i, i);
	n += (size_t)snprintf(doc + n, sizeof(doc) - n, ",{\"fixed\":\"%s\"}]}]}"
	    "]}", name);
	doc[strlen("{\"id\":\"D-1\",\"modified\":\"")] = ' ';
	read_document(&r, doc);
	assert_int_equal(explain_finish(r.x, &d), 0);
	text = text_of(r.x);
	/* the range that decides is among the few that are shown */
	assert_non_null(strstr(text, "because   D-1: 500 >= 500, the version"));
	assert_non_null(strstr(text, "because   D-1 says affected: 499-1 <= "
	    "499-5 < 500, the version"));
	assert_non_null(strstr(text, "more comparisons"));
	assert_true(strlen(text) < 64 * KIB);
	check_forms(r.x, text);
	free(text);
	explain_free(r.x);
	/* more than its memory holds */
	r.x = explain_new(2000, str_of(CVE));
	assert_int_equal(explain_package(r.x, &openssl, &d), 0);
	assert_int_equal(explain_name(r.x, str_of(CVE), &d), 0);
	for (n = 0; n < 100 && rc == 0; n++)
		rc = feed_osv.document(str_of(ADVISORY("D-1", "", ENTRY("PyPI",
		    "x", RANGE("")))), &sink, &count, &d);
	assert_int_equal(rc, ERR_LIMIT);
	explain_free(r.x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reason_is_said),
		cmocka_unit_test(test_without_a_question_only_findings_are_explained),
		cmocka_unit_test(test_long_and_hostile_documents_are_bounded),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

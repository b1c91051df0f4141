/*
 * The matching decision: one advisory, one package, and whether it applies.
 * Every case is asked three ways that must agree: match_decide(), the rows by
 * which SQL finds candidates, and the offline index.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/version.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/index.h"
#include "coordinator/matcher/namespace.h"
#include "tests/lib/match_ways.h"

static struct advisory
advisory_of(struct pool *pool, const char *json)
{
	return (match_ways_advisory(&feed_osv, str_of(json), pool));
}

/* ${fixed} NULL = must not apply. */
static void
expect(const struct match_package *p, const char *json, const char *fixed)
{
	struct pool *pool = pool_new(16 * MIB);
	struct advisory a = advisory_of(pool, json);
	struct match_result r;
	struct str f = { NULL, 0 };
	struct diag d;

	assert_int_equal(match_decide(p, &a, &r, &d), 0);
	if (r.applies != (fixed != NULL))
		fail_msg("%.*s %.*s: %s (%s)\n%s", STR_ARG(p->name),
		    STR_ARG(p->version), r.applies ? "applies" : "does not apply",
		    r.rule, json);
	if (r.applies && !match_ways_rows(p, &a, pool))
		fail_msg("no candidate: %.*s\n%s", STR_ARG(p->version), json);
	assert_int_equal(match_ways_index(p, &a, pool, &f), r.applies);
	if (fixed != NULL) {
		assert_true(str_eqz(r.fixed_version, fixed));
		assert_true(str_eqz(f, fixed));
		assert_true(str_eqz(r.status, "affected"));
	}
	pool_free(pool);
}

static struct match_package
pypi(const char *name, const char *version)
{
	return ((struct match_package) { .namespace = STR_LIT("PyPI"),
	    .type = STR_LIT("pypi"), .name = str_of(name),
	    .version = str_of(version) });
}

static struct match_package
deb(const char *name, const char *version, const char *source,
    const char *source_version)
{
	return ((struct match_package) { .namespace = STR_LIT("Debian:12"),
	    .type = STR_LIT("deb"), .name = str_of(name),
	    .version = str_of(version), .source_name = str_of(source),
	    .source_version = str_of(source_version) });
}

#define ENTRY(eco, name, rest) "{\"id\":\"X-1\",\"affected\":[{\"package\":{" \
	"\"ecosystem\":\"" eco "\",\"name\":\"" name "\"}," rest "}]}"
#define RANGE(type, events) "\"ranges\":[{\"type\":\"" type "\",\"events\":[" \
	events "]}]"
#define I(v) "{\"introduced\":\"" v "\"}"
#define F(v) "{\"fixed\":\"" v "\"}"
#define L(v) "{\"last_affected\":\"" v "\"}"

static void
check_pypi(const char *version, const char *rest_json, const char *fixed)
{
	struct match_package p = pypi("Demo_pkg", version);

	expect(&p, rest_json, fixed);
}

/* What the distribution patches itself is judged by its own data. */
static void
test_owned_packages_meet_no_language_advisories(void **state)
{
	struct match_package p = pypi("demo", "1.0");

	(void)state;
	expect(&p, ENTRY("PyPI", "demo", RANGE("ECOSYSTEM", I("0") "," F("2"))), "2");
	p.origin = str_of("owned");
	expect(&p, ENTRY("PyPI", "demo", RANGE("ECOSYSTEM", I("0") "," F("2"))), NULL);
	p.origin = str_of("shipped");
	expect(&p, ENTRY("PyPI", "demo", RANGE("ECOSYSTEM", I("0") "," F("2"))), "2");
}

/* The main line's claim without its fix, until the line has a word of its own. */
static void
test_a_line_without_a_word_of_its_own_has_the_main_ones_flaws(void **state)
{
	static const char main_only[] = ENTRY("Red Hat:enterprise_linux:9::baseos",
	    "openssl", RANGE("ECOSYSTEM", I("0") "," F("1:3.0.7-24.el9")));
	static const char both[] = "{\"id\":\"X-1\",\"affected\":["
	    "{\"package\":{\"ecosystem\":\"Red Hat:enterprise_linux:9::baseos\",\"name\":\"openssl\"},"
	    RANGE("ECOSYSTEM", I("0") "," F("1:3.0.7-24.el9")) "},"
	    "{\"package\":{\"ecosystem\":\"Red Hat:rhel_eus:9.2::baseos\",\"name\":\"openssl\"},"
	    RANGE("ECOSYSTEM", I("0") "," F("1:3.0.7-16.el9_2")) "}]}";
	struct match_package p = { .type = STR_LIT("rpm"), .name = STR_LIT("openssl"),
		.namespace = STR_LIT("Red Hat:enterprise_linux:9"),
		.version = STR_LIT("1:3.0.7-15.el9_2"), .arch = STR_LIT("x86_64"),
		.channels = STR_LIT("rhel_eus:9.2") };

	(void)state;
	expect(&p, main_only, "");
	expect(&p, both, "1:3.0.7-16.el9_2");
	p.version = str_of("1:3.0.7-16.el9_2");
	expect(&p, main_only, "");
	expect(&p, both, NULL);
	/* built after the main line's fix */
	p.version = str_of("1:3.0.7-25.el9_2");
	expect(&p, main_only, NULL);
	p.channels = str_of("");
	p.version = str_of("1:3.0.7-15.el9");
	expect(&p, main_only, "1:3.0.7-24.el9");
}

static void
test_ranges_of_a_language_package(void **state)
{
	static const char two[] = ENTRY("PyPI", "demo.PKG", RANGE("ECOSYSTEM",
	    I("0") "," F("1.2") "," I("2.0") "," F("2.1")));
	static const char last[] = ENTRY("PyPI", "demo-pkg", RANGE("ECOSYSTEM",
	    I("1.0") "," L("1.9")));
	static const char open[] = ENTRY("PyPI", "demo-pkg", RANGE("ECOSYSTEM",
	    I("3")));

	(void)state;
	check_pypi("0.dev1", two, "1.2");
	check_pypi("1.1", two, "1.2");
	check_pypi("1.2", two, NULL);
	check_pypi("1.2rc1", two, "1.2");
	check_pypi("2.0.post1", two, "2.1");
	check_pypi("2.1.0", two, NULL);
	check_pypi("1.0", last, "");
	check_pypi("1.9.0", last, "");
	check_pypi("1.9+local", last, "");
	check_pypi("1.9.post1", last, NULL);
	check_pypi("0.9", last, NULL);
	check_pypi("3", open, "");
	check_pypi("3rc1", open, NULL);
	check_pypi("not a version", open, NULL);
}

/* Drupal's modules have a repository, and so OSV's entries about them an ecosystem, of
 * their own. */
static void
test_drupal_modules_meet_the_advisories_of_their_repository(void **state)
{
	static const char json[] = ENTRY("Packagist:https://packages.drupal.org/8",
	    "drupal/stage_file_proxy", RANGE("ECOSYSTEM", I("0") "," F("3.1.5")));
	struct match_package p = { .namespace = STR_LIT("Packagist"),
		.type = STR_LIT("composer"),
		.name = STR_LIT("drupal/stage_file_proxy"),
		.version = STR_LIT("3.1.4") };

	(void)state;
	expect(&p, json, "3.1.5");
	p.version = str_of("3.1.5");
	expect(&p, json, NULL);
}

static void
test_enumerated_versions_count_where_ranges_cannot(void **state)
{
	static const char only[] = ENTRY("PyPI", "demo-pkg",
	    "\"versions\":[\"1.0\",\"2004d\"]");
	static const char git[] = ENTRY("PyPI", "demo-pkg", RANGE("GIT", I("0"))
	    ",\"versions\":[\"1.0\"]");
	/* an expansion by a wrong order lists the fixed version too */
	static const char both[] = ENTRY("PyPI", "demo-pkg", RANGE("ECOSYSTEM",
	    I("0") "," F("1.1")) ",\"versions\":[\"1.0\",\"1.1\",\"2004d\"]");
	static const char odd[] = ENTRY("PyPI", "demo-pkg", RANGE("ECOSYSTEM",
	    I("0") "," F("what")) ",\"versions\":[\"1.0\"]");

	(void)state;
	check_pypi("1.0", only, "");
	check_pypi("1.0.0", only, "");
	check_pypi("1.0+cu118", only, "");
	check_pypi("1.1", only, NULL);
	check_pypi("0.9", only, NULL);
	check_pypi("2004d", only, "");
	check_pypi("2004e", only, NULL);
	check_pypi("1.0", git, "");
	check_pypi("1.2", git, NULL);
	check_pypi("1.0", both, "1.1");
	check_pypi("1.1", both, NULL);
	check_pypi("2004d", both, "");
	check_pypi("1.0", odd, "");
	check_pypi("1.1", odd, NULL);
}

static void
test_debian_packages_are_compared_by_their_source(void **state)
{
	static const char samba[] = ENTRY("Debian:12", "samba", RANGE("ECOSYSTEM",
	    I("0") "," F("2:4.17.12+dfsg-0+deb12u1")));
	static const char tar[] = ENTRY("Debian:12", "tar", RANGE("ECOSYSTEM",
	    I("0") "," F("1.27.1-2+b0")));
	static const char other[] = ENTRY("Debian:11", "tar", RANGE("ECOSYSTEM",
	    I("0")));
	static const char bare[] = ENTRY("Debian", "tar", RANGE("ECOSYSTEM",
	    I("0")));
	struct match_package p;

	(void)state;
	p = deb("libldb2", "2:2.6.2+samba4.17.12+dfsg-0+deb12u1", "samba",
	    "2:4.17.12+dfsg-0+deb12u1");
	expect(&p, samba, NULL);
	p = deb("libldb2", "2:9", "samba", "2:4.17.10+dfsg-0+deb12u1");
	expect(&p, samba, "2:4.17.12+dfsg-0+deb12u1");
	p = deb("samba-libs", "2:4.16", "", "");
	expect(&p, samba, NULL);
	/* a rebuild is no newer source: 1.27.1-2 < 1.27.1-2+b0 < 1.27.1-2+b1 */
	p = deb("tar", "1.27.1-2+b1", "", "");
	expect(&p, tar, "1.27.1-2+b0");
	p = deb("tar", "1.27.1-2+b1", "tar", "1.27.1-2+b1");
	expect(&p, tar, NULL);
	expect(&p, other, NULL);
	expect(&p, bare, NULL);
	p = deb("tar", "1.0-", "", "");
	expect(&p, tar, NULL);
}

static void
test_alpine_packages_are_compared_by_their_origin(void **state)
{
	static const char openssl[] = ENTRY("Alpine:v3.20", "openssl",
	    RANGE("ECOSYSTEM", I("0") "," F("3.3.1-r1")));
	static const char wolfi[] = ENTRY("Wolfi", "libssl3", RANGE("ECOSYSTEM",
	    I("0") "," F("3.3.1-r1")));
	static const char wolfi_origin[] = ENTRY("Wolfi", "openssl",
	    RANGE("ECOSYSTEM", I("0") "," F("3.3.1-r1")));
	static const char minimos[] = ENTRY("MinimOS", "openssl",
	    RANGE("ECOSYSTEM", I("0") "," F("3.3.1-r1")));
	static const char cleanstart[] = ENTRY("CleanStart", "openssl",
	    RANGE("ECOSYSTEM", I("0") "," F("3.3.1-r1")));
	struct match_package p = { .namespace = STR_LIT("Alpine:v3.20"),
	    .type = STR_LIT("apk"), .name = STR_LIT("libssl3"),
	    .version = STR_LIT("3.3.1-r0"), .source_name = STR_LIT("openssl") };

	(void)state;
	expect(&p, openssl, "3.3.1-r1");
	p.namespace = str_of("Alpine:v3.19");
	expect(&p, openssl, NULL);
	p.namespace = str_of("Wolfi");
	expect(&p, wolfi, "3.3.1-r1");
	expect(&p, wolfi_origin, "3.3.1-r1");
	p.namespace = str_of("MinimOS");
	expect(&p, minimos, "3.3.1-r1");
	p.namespace = str_of("CleanStart");
	expect(&p, cleanstart, "3.3.1-r1");
	p.namespace = str_of("Wolfi");
	p.version = str_of("3.3.1-r1");
	expect(&p, wolfi, NULL);
	expect(&p, wolfi_origin, NULL);
}

static void
test_rpms_are_found_by_their_source_where_the_data_names_it(void **state)
{
	static const struct {
		const char *namespace, *about, *fixed;	/* the entry */
		const char *name, *version, *source, *source_version;
		bool applies;
	} t[] = {
		/* a binary has its source's epoch where it has its version */
		{ "Rocky Linux:8", "java-11-openjdk", "1:11.0.13.0.8-1.el8_4",
		    "java-11-openjdk-headless", "1:11.0.12.0.7-0.el8_4",
		    "java-11-openjdk", "11.0.12.0.7-0.el8_4", true },
		{ "Rocky Linux:8", "java-11-openjdk", "1:11.0.13.0.8-1.el8_4",
		    "java-11-openjdk-headless", "1:11.0.13.0.8-1.el8_4",
		    "java-11-openjdk", "11.0.13.0.8-1.el8_4", false },
		/* one with a version of its own tells nothing of it */
		{ "Rocky Linux:8", "perl", "4:5.26.3-420.el8", "perl-Errno",
		    "1.28-419.el8", "perl", "5.26.3-419.el8", true },
		{ "Rocky Linux:8", "perl", "4:5.26.3-419.el8", "perl-Errno",
		    "1.28-419.el8", "perl", "5.26.3-419.el8", false },
		{ "openSUSE:Leap 15.5", "openssl-1_1", "1.1.1l-150500.17.3.1",
		    "libopenssl1_1", "1.1.1l-150500.17.1.1", "openssl-1_1",
		    "1.1.1l-150500.17.1.1", true },
		{ "SUSE:Linux Enterprise Module for Basesystem 15 SP5",
		    "openssl-1_1", "1.1.1l-150500.17.3.1", "libopenssl1_1",
		    "1.1.1l-150500.17.1.1", "openssl-1_1",
		    "1.1.1l-150500.17.1.1", true },
		{ "openEuler:24.03-LTS", "kernel", "6.6.0-72.0.0.76.oe2403",
		    "kernel-tools", "6.6.0-28.0.0.34.oe2403", "kernel",
		    "6.6.0-28.0.0.34.oe2403", true },
		{ "Mageia:9", "curl", "7.88.1-4.1.mga9", "lib64curl4",
		    "7.88.1-4.mga9", "curl", "7.88.1-4.mga9", true },
		/* whose data names binaries */
		{ "AlmaLinux:9", "openssl", "1:3.0.7-27.el9", "openssl-libs",
		    "1:3.0.7-26.el9", "openssl", "3.0.7-26.el9", false },
		{ "Oracle Linux:9", "openssl", "1:3.0.7-27.el9", "openssl-libs",
		    "1:3.0.7-26.el9", "openssl", "3.0.7-26.el9", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char release[NAMESPACE_TEXT], *json = mem_printf(ENTRY("%s",
		    "%s", RANGE("ECOSYSTEM", I("0") "," F("%s"))),
		    t[i].namespace, t[i].about, t[i].fixed);
		struct match_package p = { .namespace = namespace_spoken_of(
			str_of(t[i].namespace), release), .type =
			STR_LIT("rpm"), .name = str_of(t[i].name),
			.version = str_of(t[i].version),
			.source_name = str_of(t[i].source),
			.source_version = str_of(t[i].source_version) };

		expect(&p, json, t[i].applies ? t[i].fixed : NULL);
		free(json);
	}
}

static void
test_azure_packages_are_found_by_their_source_too(void **state)
{
	static const char source[] = ENTRY("Azure Linux:3", "openssl",
	    RANGE("ECOSYSTEM", I("0") "," F("0:3.3.0-2.azl3")));
	struct match_package p = { .namespace = STR_LIT("Azure Linux:3"),
	    .type = STR_LIT("rpm"), .name = STR_LIT("openssl-libs"),
	    .version = STR_LIT("3.3.0-1.azl3"),
	    .source_name = STR_LIT("openssl"),
	    .source_version = STR_LIT("3.3.0-1.azl3") };

	(void)state;
	expect(&p, source, "0:3.3.0-2.azl3");
	p.version = p.source_version = str_of("3.3.0-2.azl3");
	expect(&p, source, NULL);
}

static void
test_what_never_applies(void **state)
{
	struct match_package p = pypi("demo", "1.0");

	(void)state;
	expect(&p, "{\"id\":\"X-1\",\"withdrawn\":\"2024-01-01T00:00:00Z\","
	    "\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"demo\"},"
	    RANGE("ECOSYSTEM", I("0")) "}]}", NULL);
	expect(&p, ENTRY("PyPI", "demo", "\"ranges\":[]"), NULL);
	expect(&p, ENTRY("PyPI", "demo2", RANGE("ECOSYSTEM", I("0"))), NULL);
	expect(&p, ENTRY("npm", "demo", RANGE("SEMVER", I("0"))), NULL);
	expect(&p, "{\"id\":\"X-1\"}", NULL);
	p.namespace = str_of("Nowhere");	/* no order of ours: marked, not matched */
	expect(&p, ENTRY("Nowhere", "demo", RANGE("SEMVER", I("0"))), NULL);
	p.namespace = str_of("");
	expect(&p, ENTRY("", "demo", RANGE("ECOSYSTEM", I("0"))), NULL);
	p = deb("docker-ce", "1.0", "", "");
	p.origin = str_of("third_party");
	expect(&p, ENTRY("Debian:12", "docker-ce", RANGE("ECOSYSTEM", I("0"))),
	    NULL);
}

static void
test_entries_are_ored_and_the_nearest_fix_is_shown(void **state)
{
	struct match_package p = pypi("demo", "1.5");

	(void)state;
	expect(&p, "{\"id\":\"X-1\",\"affected\":["
	    "{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"demo\"},"
	    RANGE("ECOSYSTEM", I("0") "," F("3.0")) "},"
	    "{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"demo\"},"
	    RANGE("ECOSYSTEM", I("1.0") "," F("1.10")) "},"
	    "{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"demo\"},"
	    RANGE("ECOSYSTEM", I("2.0") "," F("2.1")) "}]}", "1.10");
}

static void
test_severity_is_the_vendors_word_then_cvss_3(void **state)
{
	static const struct {
		const char *json;
		enum severity want;
	} t[] = {
#define V3 "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}"
#define V4 "{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N\"}"
		{ "{\"id\":\"X\",\"severity\":[" V3 "],\"affected\":[{}]}",
		    SEVERITY_CRITICAL },
		{ "{\"id\":\"X\",\"severity\":[" V3 "],\"database_specific\":"
		    "{\"severity\":\"LOW\"},\"affected\":[{}]}", SEVERITY_LOW },
		{ "{\"id\":\"X\",\"severity\":[" V4 "],\"affected\":[{}]}",
		    SEVERITY_UNKNOWN },
		/* an entry's own severity shuts out the document's */
		{ "{\"id\":\"X\",\"severity\":[" V3 "],\"affected\":[{"
		    "\"severity\":[" V4 "]}]}", SEVERITY_UNKNOWN },
		{ "{\"id\":\"X\",\"affected\":[{\"severity\":[" V3 "]}]}",
		    SEVERITY_CRITICAL },
		{ "{\"id\":\"X\",\"affected\":[{}]}", SEVERITY_UNKNOWN },
		{ "{\"id\":\"MAL-1\",\"affected\":[{}]}", SEVERITY_CRITICAL },
	};
	struct pool *pool = pool_new(16 * MIB);
	struct advisory a;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		a = advisory_of(pool, t[i].json);
		assert_int_equal(match_rating(&a, &a.affected[0]).severity,
		    t[i].want);
	}
	pool_free(pool);
}

static void
test_entries_that_cannot_be_ordered_are_marked(void **state)
{
	static const struct {
		const char *json;
		size_t rows;
		bool unmatched;
	} t[] = {
		{ ENTRY("PyPI", "a", RANGE("ECOSYSTEM", I("0") "," F("1"))), 1, false },
		{ ENTRY("PyPI", "a", RANGE("ECOSYSTEM", I("1") "," F("1"))), 0, false },
		{ ENTRY("Nowhere", "a", RANGE("SEMVER", I("0"))), 0, true },
		{ ENTRY("PyPI", "a", RANGE("GIT", I("0"))), 0, true },
		{ ENTRY("PyPI", "a", RANGE("ECOSYSTEM", I("0") "," F("?"))), 0, true },
		{ ENTRY("PyPI", "a", "\"versions\":[\"1\",\"2\",\"x\"]"), 3, false },
	};
	struct pool *pool = pool_new(16 * MIB);
	struct match_range *r;
	struct advisory a;
	struct diag d;
	bool unmatched;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		a = advisory_of(pool, t[i].json);
		assert_int_equal(match_entry_ranges(&a.affected[0], pool, &r, &n,
		    &unmatched, &d), 0);
		assert_int_equal(n, t[i].rows);
		assert_int_equal(unmatched, t[i].unmatched);
	}
	pool_free(pool);
}

static void
test_of_equal_ids_the_last_modified_counts(void **state)
{
	static const char *const docs[] = {
		"{\"id\":\"X-1\",\"modified\":\"2024-02-01T00:00:00Z\","
		"\"withdrawn\":\"2024-02-01T00:00:00Z\"}",
		"{\"id\":\"X-1\",\"modified\":\"2024-01-01T00:00:00Z\","
		"\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":"
		"\"demo\"}," RANGE("ECOSYSTEM", I("0")) "}]}",
		"{\"id\":\"X-2\",\"modified\":\"2024-01-01T00:00:00Z\","
		"\"aliases\":[\"CVE-2024-1\"],"
		"\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":"
		"\"demo\"}," RANGE("ECOSYSTEM", I("0")) "}]}",
	};
	struct pool *pool = pool_new(16 * MIB);
	struct index *x = index_new(1 * MIB);
	struct match_package p = pypi("demo", "1.0");
	const struct index_namespace *ns;
	const struct index_hit *h;
	struct advisory a;
	struct diag d;
	size_t n;

	(void)state;
	assert_int_equal(index_package(x, &p, &n, &d), 0);
	for (size_t i = 0; i < 3; i++) {
		a = advisory_of(pool, docs[i]);
		assert_int_equal(index_advisory(x, NULL, &a, &d), 0);
	}
	assert_int_equal(index_finish(x, &h, &n, &d), 0);
	assert_int_equal(n, 1);
	assert_true(str_eqz(h[0].advisory, "X-2"));
	assert_int_equal(h[0].nvulnerabilities, 1);
	assert_true(str_eqz(h[0].vulnerabilities[0], "CVE-2024-1"));
	ns = index_namespaces(x, &n);
	assert_int_equal(n, 1);
	assert_true(ns[0].has_feed && ns[0].ordered && ns[0].packages == 1);
	index_free(x);
	pool_free(pool);
}

#define ALL { .lo = STR_LIT("0") }

/* What one document of those entries says of ${p}: a VEX word, "" = nothing. */
static const char *
word_of(const struct match_package *p, struct advisory_affected *v, size_t n)
{
	struct advisory a = { .id = STR_LIT("X-1"), .affected = v,
	    .naffected = n };
	struct match_result r;
	struct diag d;
	enum vex_status s;

	assert_int_equal(match_decide(p, &a, &r, &d), 0);
	if (!r.applies)
		return ("");
	assert_true(vex_status_of(r.status, &s));
	assert_true(str_eq(r.reason, a.affected[r.entry].status_reason));
	return (vex_status_name(s));
}

static void
test_within_a_document_the_gravest_word_counts(void **state)
{
	static struct advisory_range all = ALL, below = {
	    .lo = STR_LIT("0"), .hi = STR_LIT("2"), .fixed = STR_LIT("2") };
	static const struct {
		enum vex_status a, b;
		const char *version, *want;
	} t[] = {
		{ VEX_NOT_AFFECTED, VEX_AFFECTED, "1", "affected" },
		{ VEX_NOT_AFFECTED, VEX_AFFECTED, "2", "not_affected" },
		{ VEX_AFFECTED, VEX_NOT_AFFECTED, "1", "affected" },
		{ VEX_NOT_AFFECTED, VEX_FIXED, "1", "fixed" },
		{ VEX_FIXED, VEX_UNDER_INVESTIGATION, "1",
		    "under_investigation" },
		{ VEX_UNDER_INVESTIGATION, VEX_AFFECTED, "1", "affected" },
	};
	struct match_package p;
	struct advisory_affected v[2];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p = pypi("demo", t[i].version);
		v[0] = (struct advisory_affected) { .ecosystem = p.namespace,
		    .name = p.name, .ranges = &all, .nranges = 1,
		    .status = t[i].a, .status_reason = STR_LIT("one") };
		v[1] = v[0];
		v[1].status = t[i].b;
		v[1].ranges = &below;
		v[1].status_reason = str_of("two");
		assert_string_equal(word_of(&p, v, 2), t[i].want);
		p.name = str_of("other");
		assert_string_equal(word_of(&p, v, 2), "");
	}
}

static void
test_within_a_document_the_later_statement_counts(void **state)
{
	static struct advisory_range all = ALL;
	static const struct {
		enum vex_status a, b;
		int64_t at_a, at_b;
		const char *want;
	} t[] = {
		{ VEX_NOT_AFFECTED, VEX_AFFECTED, 1, 2, "affected" },
		{ VEX_NOT_AFFECTED, VEX_AFFECTED, 2, 1, "not_affected" },
		{ VEX_AFFECTED, VEX_FIXED, 1, 2, "fixed" },
		{ VEX_AFFECTED, VEX_FIXED, 2, 1, "affected" },
		{ VEX_NOT_AFFECTED, VEX_AFFECTED, 2, 2, "affected" },
		{ VEX_AFFECTED, VEX_NOT_AFFECTED, 2, 2, "affected" },
	};
	struct match_package p = pypi("demo", "1");
	struct advisory_affected v[2];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		v[0] = v[1] = (struct advisory_affected) {
		    .ecosystem = p.namespace, .name = p.name, .ranges = &all,
		    .nranges = 1 };
		v[0].status = t[i].a;
		v[0].stated = t[i].at_a;
		v[1].status = t[i].b;
		v[1].stated = t[i].at_b;
		assert_string_equal(word_of(&p, v, 2), t[i].want);
	}
}

static void
test_what_is_said_of_one_binary_speaks_of_no_other(void **state)
{
	static struct advisory_range all = ALL;
	static const struct {
		const char *package, *said_of, *want;
	} t[] = {
		{ "libssl3", "libssl3", "not_affected" },
		{ "openssl", "openssl", "not_affected" },
		{ "libssl3", "openssl", "" },
		{ "openssl", "libssl3", "" },
		{ "libssl3", "", "not_affected" },
	};
	struct advisory_affected e = { .ecosystem = STR_LIT("Debian:12"),
	    .name = STR_LIT("openssl"), .ranges = &all, .nranges = 1,
	    .status = VEX_NOT_AFFECTED };
	struct match_package p = { .namespace = STR_LIT("Debian:12"),
	    .type = STR_LIT("deb"), .version = STR_LIT("3.0.9-1"),
	    .source_name = STR_LIT("openssl") };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.name = str_of(t[i].package);
		e.binary = str_of(t[i].said_of);
		assert_string_equal(word_of(&p, &e, 1), t[i].want);
	}
}

static void
test_a_binary_is_found_by_its_own_name_and_version(void **state)
{
	static const struct {
		const char *type, *package, *version, *said_of, *of, *want;
	} t[] = {
		{ "deb", "libssl3", "3.0.9-1", "libssl3", "3.0.9-1", "not_affected" },
		{ "deb", "libssl3", "3.0.9-1+b1", "libssl3", "3.0.9-1+b1",
		    "not_affected" },
		/* another build of it may hold other code */
		{ "deb", "libssl3", "3.0.9-1+b1", "libssl3", "3.0.9-1", "" },
		{ "deb", "libssl3", "3.0.9-1", "openssl", "3.0.9-1", "" },
		{ "deb", "openssl", "3.0.9-1", "libssl3", "3.0.9-1", "" },
		{ "deb", "openssl", "3.0.9-1", "openssl", "3.0.9-1", "not_affected" },
		{ "generic", "libssl3", "3.0.9-1", "libssl3", "3.0.9-1", "" },
	};
	struct advisory_range r = { .hi_inclusive = true };
	struct advisory_affected e = { .ecosystem = STR_LIT("Debian:12"),
	    .ranges = &r, .nranges = 1, .by_binary = true,
	    .status = VEX_NOT_AFFECTED };
	struct match_package p = { .namespace = STR_LIT("Debian:12"),
	    .source_name = STR_LIT("openssl"),
	    .source_version = STR_LIT("3.0.9-1") };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.type = str_of(t[i].type);
		p.name = str_of(t[i].package);
		p.version = str_of(t[i].version);
		e.name = str_of(t[i].said_of);
		r.lo = r.hi = str_of(t[i].of);
		assert_string_equal(word_of(&p, &e, 1), t[i].want);
	}
}

static void
test_a_range_may_begin_behind_a_version(void **state)
{
	static struct advisory_range above = { .lo = STR_LIT("1.0"),
	    .hi = STR_LIT("2.0"), .lo_exclusive = true };
	static const struct {
		const char *version, *want;
	} t[] = {
		{ "0.9", "" }, { "1.0", "" }, { "1.0.0", "" },
		{ "1.0.1", "not_affected" }, { "2.0", "" },
	};
	struct match_package p;
	struct advisory_affected e;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p = pypi("demo", t[i].version);
		e = (struct advisory_affected) { .ecosystem = p.namespace,
		    .name = p.name, .ranges = &above, .nranges = 1,
		    .status = VEX_NOT_AFFECTED };
		assert_string_equal(word_of(&p, &e, 1), t[i].want);
	}
}

static void
test_a_denial_overrules_other_sources_about_exactly_this_package(void **state)
{
	static struct advisory_range all = ALL, below = {
	    .lo = STR_LIT("0"), .hi = STR_LIT("9"), .fixed = STR_LIT("9") },
	    upto = { .lo = STR_LIT("0"), .hi = STR_LIT("1"),
	    .hi_inclusive = true };
	static struct str cve[] = { STR_LIT("CVE-2024-1") };
	/* what the second source says, where, and what is left of it */
	static const struct {
		const char *ecosystem, *name;
		struct advisory_range *range;
		enum vex_status status;
		const char *want;
	} t[] = {
		{ "PyPI", "demo", &all, VEX_NOT_AFFECTED, "not_affected" },
		{ "PyPI", "demo", &all, VEX_FIXED, "fixed" },
		{ "PyPI", "demo", &upto, VEX_NOT_AFFECTED, "affected" },
		{ "PyPI", "demo2", &all, VEX_NOT_AFFECTED, "affected" },
		{ "npm", "demo", &all, VEX_NOT_AFFECTED, "affected" },
		{ "PyPI", "demo", &all, VEX_UNDER_INVESTIGATION, "affected" },
	};
	struct match_package p = pypi("demo", "1.5");
	struct advisory_affected says[2];
	struct advisory a[2];
	const struct index_hit *hits;
	struct finding *f;
	struct index *x;
	struct diag d;
	size_t n, count;

	(void)state;
	/* claimed by a GHSA, denied of its CVE; then the denial alone */
	for (size_t i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
		size_t k = i / 2;
		bool alone = i % 2 == 1;

		says[0] = (struct advisory_affected) { .ecosystem =
		    p.namespace, .name = p.name, .ranges = &below,
		    .nranges = 1, .severity = SEVERITY_HIGH };
		says[1] = (struct advisory_affected) { .ecosystem =
		    str_of(t[k].ecosystem), .name = str_of(t[k].name),
		    .ranges = t[k].range, .nranges = 1, .status = t[k].status };
		a[0] = (struct advisory) { .id = STR_LIT("GHSA-1"),
		    .aliases = cve, .naliases = 1, .affected = &says[0],
		    .naffected = 1 };
		a[1] = (struct advisory) { .id = STR_LIT("VEX-1"),
		    .upstream = cve, .nupstream = 1, .affected = &says[1],
		    .naffected = 1 };
		x = index_new(1 * MIB);
		assert_int_equal(index_package(x, &p, &n, &d), 0);
		for (size_t doc = alone ? 1 : 0; doc < 2; doc++)
			assert_int_equal(index_advisory(x, NULL, &a[doc], &d), 0);
		assert_int_equal(index_finish(x, &hits, &n, &d), 0);
		f = finding_list(x, hits, n, &n);
		/* denials alone are no advisories to rely on */
		assert_int_equal(index_namespaces(x, &count)->has_feed,
		    !alone || !vex_status_denies(t[k].status));
		if (alone && t[k].status != VEX_UNDER_INVESTIGATION) {
			assert_int_equal(n, 0);
		} else {
			assert_int_equal(n, 1);
			assert_true(str_eqz(f[0].vulnerability, "CVE-2024-1"));
			assert_true(str_eqz(f[0].status, alone ?
			    "under_investigation" : t[k].want));
		}
		free(f);
		index_free(x);
	}
}

static void
test_modules_are_compared_within_their_stream(void **state)
{
	static struct advisory_range all = ALL, modular = {
	    .lo = STR_LIT("0"), .hi = STR_LIT("0:9-1.module+el8.1") };
	static const struct {
		const char *label, *version, *stream;
		struct advisory_range *range;
		enum vex_status status;
		const char *want;
	} t[] = {
		{ "pg:12:8:c", "1-1", "pg:12", &all, VEX_AFFECTED, "affected" },
		{ "pg:12", "1-1", "pg:12", &all, VEX_NOT_AFFECTED,
		    "not_affected" },
		{ "pg:12:8:c", "1-1", "pg:1", &all, VEX_AFFECTED, "" },
		{ "pg:12:8:c", "1-1", "pg:13", &all, VEX_AFFECTED, "" },
		{ "pg:12:8:c", "1-1", "", &all, VEX_AFFECTED, "" },
		{ "", "1-1.el8", "pg:12", &all, VEX_AFFECTED, "" },
		{ "", "1-1.el8", "", &all, VEX_AFFECTED, "affected" },
		/* no label: by the mark in the release */
		{ "", "1-1.module+el8", "", &all, VEX_AFFECTED, "" },
		{ "", "1-1.module+el8", "pg:12", &all, VEX_AFFECTED,
		    "affected" },
		{ "", "1-1.module+el8", "pg:12", &all, VEX_NOT_AFFECTED, "" },
		{ "", "1-1.module+el8", "", &modular, VEX_AFFECTED,
		    "affected" },
		{ "pg:12:8:c", "1-1", "", &modular, VEX_AFFECTED, "affected" },
		{ "", "1-1.el8", "", &modular, VEX_AFFECTED, "" },
	};
	struct match_package p = {
		.namespace = STR_LIT("Red Hat:enterprise_linux:8"),
		.type = STR_LIT("rpm"), .name = STR_LIT("pg-libs") };
	struct advisory_affected e;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.version = str_of(t[i].version);
		p.module = str_of(t[i].label);
		e = (struct advisory_affected) { .ecosystem = p.namespace,
		    .name = p.name, .ranges = t[i].range, .nranges = 1,
		    .status = t[i].status, .module = str_of(t[i].stream) };
		assert_string_equal(word_of(&p, &e, 1), t[i].want);
	}
}

static void
test_flavours_of_oracle_are_kept_apart(void **state)
{
	static struct advisory_range plain = { .lo = STR_LIT("0"),
	    .hi = STR_LIT("0:2.17-317.0.1.el7") },
	    ksplice = { .lo = STR_LIT("0"),
	    .hi = STR_LIT("2:2.17-106.0.1.ksplice1.el7_2.4") };
	struct match_package p = { .namespace = STR_LIT("Oracle Linux:7"),
	    .type = STR_LIT("rpm"), .name = STR_LIT("glibc"),
	    .version = STR_LIT("2.17-300.el7") };
	struct advisory_affected e = { .ecosystem = p.namespace,
	    .name = p.name, .ranges = &ksplice, .nranges = 1 };

	(void)state;
	assert_string_equal(word_of(&p, &e, 1), "");
	p.version = str_of("2:2.17-106.0.1.ksplice1.el7_2.1");
	assert_string_equal(word_of(&p, &e, 1), "affected");
	e.ranges = &plain;
	p.version = str_of("2.17-105.0.1.ksplice1.el7");
	assert_string_equal(word_of(&p, &e, 1), "");
	p.version = str_of("2.17-300.el7");
	assert_string_equal(word_of(&p, &e, 1), "affected");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_without_a_word_of_its_own_has_the_main_ones_flaws),
		cmocka_unit_test(test_ranges_of_a_language_package),
		cmocka_unit_test(test_owned_packages_meet_no_language_advisories),
		cmocka_unit_test(test_drupal_modules_meet_the_advisories_of_their_repository),
		cmocka_unit_test(test_enumerated_versions_count_where_ranges_cannot),
		cmocka_unit_test(test_debian_packages_are_compared_by_their_source),
		cmocka_unit_test(test_alpine_packages_are_compared_by_their_origin),
		cmocka_unit_test(test_rpms_are_found_by_their_source_where_the_data_names_it),
		cmocka_unit_test(test_azure_packages_are_found_by_their_source_too),
		cmocka_unit_test(test_what_never_applies),
		cmocka_unit_test(test_entries_are_ored_and_the_nearest_fix_is_shown),
		cmocka_unit_test(test_severity_is_the_vendors_word_then_cvss_3),
		cmocka_unit_test(test_entries_that_cannot_be_ordered_are_marked),
		cmocka_unit_test(test_of_equal_ids_the_last_modified_counts),
		cmocka_unit_test(test_within_a_document_the_gravest_word_counts),
		cmocka_unit_test(test_within_a_document_the_later_statement_counts),
		cmocka_unit_test(test_what_is_said_of_one_binary_speaks_of_no_other),
		cmocka_unit_test(test_a_binary_is_found_by_its_own_name_and_version),
		cmocka_unit_test(test_a_range_may_begin_behind_a_version),
		cmocka_unit_test(test_a_denial_overrules_other_sources_about_exactly_this_package),
		cmocka_unit_test(test_modules_are_compared_within_their_stream),
		cmocka_unit_test(test_flavours_of_oracle_are_kept_apart),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

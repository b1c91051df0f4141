/* Which advisories are about one vulnerability. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "common/limits.h"
#include "coordinator/matcher/alias.h"

static void
learn(struct alias_classes *c, const char *id, const char *alias)
{
	struct str a = str_of(alias);

	assert_int_equal(alias_add(c, str_of(id), &a, 1), 0);
}

/* The names of ${id}, a blank between them. */
static void
named(struct alias_classes *c, const char *id, const char *want)
{
	struct pool *pool = pool_new(1 * MIB);
	struct buf b;
	struct str *v;
	size_t n;

	buf_init(&b, 4096);
	assert_int_equal(alias_names(c, str_of(id), pool, &v, &n), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_printf(&b, "%s%.*s", i > 0 ? " " : "",
		    STR_ARG(v[i])), 0);
	assert_int_equal(buf_byte(&b, 0), 0);
	assert_string_equal((char *)b.p, want);
	buf_done(&b);
	pool_free(pool);
}

static void
test_classes_are_transitive_and_named_by_their_cve(void **state)
{
	struct alias_classes *c = alias_new(1 * MIB);

	(void)state;
	named(c, "GHSA-1", "GHSA-1");
	learn(c, "PYSEC-1", "GHSA-1");
	learn(c, "GHSA-1", "CVE-2024-1");
	learn(c, "GO-1", "GHSA-9");
	named(c, "PYSEC-1", "CVE-2024-1");
	named(c, "GHSA-1", "CVE-2024-1");
	named(c, "CVE-2024-1", "CVE-2024-1");
	/* no CVE: one name all the same */
	named(c, "GO-1", "GHSA-9");
	named(c, "GHSA-9", "GHSA-9");
	/* two CVEs: each by its own link, or by those it is linked with */
	learn(c, "PYSEC-1", "CVE-2024-2");
	learn(c, "RUSTSEC-1", "PYSEC-1");
	named(c, "PYSEC-1", "CVE-2024-2");
	named(c, "GHSA-1", "CVE-2024-1");
	named(c, "RUSTSEC-1", "CVE-2024-2");
	learn(c, "PYSEC-1", "CVE-2024-1");
	named(c, "PYSEC-1", "CVE-2024-1 CVE-2024-2");
	named(c, "RUSTSEC-1", "CVE-2024-1 CVE-2024-2");
	named(c, "GHSA-1", "CVE-2024-1");
	learn(c, "GO-2", "RUSTSEC-1");
	named(c, "GO-2", "GO-2");
	named(c, "CVE-2024-2", "CVE-2024-2");
	alias_free(c);
}

static void
test_what_is_linked_with_very_many_stands_alone(void **state)
{
	struct alias_classes *c = alias_new(1 * MIB);
	char cve[32];

	(void)state;
	learn(c, "GO-1", "GHSA-1");
	for (int i = 0; i < LIMIT_ALIAS_LINKS - 1; i++) {
		snprintf(cve, sizeof(cve), "CVE-2024-%d", i);
		learn(c, "GHSA-1", cve);
		learn(c, cve, "GHSA-1");
	}
	named(c, "GHSA-1", "GHSA-1");
	named(c, "GO-1", "GO-1");
	named(c, "CVE-2024-1", "CVE-2024-1");
	alias_free(c);
}

static void
test_bundles_join_no_class(void **state)
{
	struct alias_classes *c = alias_new(1 * MIB);

	(void)state;
	learn(c, "GHSA-1", "CVE-2024-1");
	learn(c, "USN-1-1", "CVE-2024-1");
	learn(c, "USN-1-1", "CVE-2024-2");
	learn(c, "GHSA-2", "CVE-2024-2");
	named(c, "GHSA-1", "CVE-2024-1");
	named(c, "GHSA-2", "CVE-2024-2");
	assert_true(alias_is_bundle(str_of("ALAS2-2024-1")));
	assert_false(alias_is_bundle(str_of("GHSA-1")));
	alias_free(c);
}

static void
test_what_an_advisory_is_about(void **state)
{
	struct str cves[] = { STR_LIT("CVE-2024-2"), STR_LIT("GHSA-1"),
	    STR_LIT("CVE-2024-1") };
	struct alias_classes *c = alias_new(1 * MIB);
	struct pool *pool = pool_new(1 * MIB);
	struct advisory a = { .id = STR_LIT("DSA-1-1"), .upstream = cves,
	    .nupstream = 3 };
	struct str *v;
	size_t n;

	(void)state;
	learn(c, "GHSA-1", "CVE-2024-1");
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 2);
	assert_true(str_eqz(v[0], "CVE-2024-1") && str_eqz(v[1], "CVE-2024-2"));
	/* older bundles list them as aliases or related */
	a = (struct advisory) { .id = STR_LIT("USN-1-1"), .related = cves,
	    .nrelated = 3 };
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 2);
	/* others: their class; related says nothing */
	a = (struct advisory) { .id = STR_LIT("GHSA-1"), .related = cves,
	    .nrelated = 3 };
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 1);
	assert_true(str_eqz(v[0], "CVE-2024-1"));
	/* an advisory about several, as itself and as somebody's upstream */
	learn(c, "GHSA-1", "CVE-2024-3");
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 2);
	assert_true(str_eqz(v[0], "CVE-2024-1") && str_eqz(v[1], "CVE-2024-3"));
	a = (struct advisory) { .id = STR_LIT("CGA-1"), .upstream = cves,
	    .nupstream = 2 };
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 3);
	a = (struct advisory) { .id = STR_LIT("DSA-2-1") };
	assert_int_equal(alias_vulnerabilities(c, &a, pool, &v, &n), 0);
	assert_int_equal(n, 1);
	assert_true(str_eqz(v[0], "DSA-2-1"));
	alias_free(c);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes_are_transitive_and_named_by_their_cve),
		cmocka_unit_test(test_what_is_linked_with_very_many_stands_alone),
		cmocka_unit_test(test_bundles_join_no_class),
		cmocka_unit_test(test_what_an_advisory_is_about),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Which advisories are about one vulnerability. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/alias.h"

static void
learn(struct alias_classes *c, const char *id, const char *alias)
{
	struct str a = str_of(alias);

	assert_int_equal(alias_add(c, str_of(id), &a, 1), 0);
}

static void
test_classes_are_transitive_and_named_by_their_cve(void **state)
{
	struct alias_classes *c = alias_new(1 * MIB);

	(void)state;
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-1")), "GHSA-1"));
	learn(c, "PYSEC-1", "GHSA-1");
	learn(c, "GHSA-1", "CVE-2024-1");
	learn(c, "GO-1", "GHSA-9");
	assert_true(str_eqz(alias_canonical(c, str_of("PYSEC-1")), "CVE-2024-1"));
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-1")), "CVE-2024-1"));
	assert_true(str_eqz(alias_canonical(c, str_of("CVE-2024-1")), "CVE-2024-1"));
	/* no CVE: one name all the same */
	assert_true(str_eqz(alias_canonical(c, str_of("GO-1")), "GHSA-9"));
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-9")), "GHSA-9"));
	/* two CVEs: each by its own link, or alone */
	learn(c, "PYSEC-1", "CVE-2024-2");
	learn(c, "RUSTSEC-1", "PYSEC-1");
	assert_true(str_eqz(alias_canonical(c, str_of("PYSEC-1")), "CVE-2024-2"));
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-1")), "CVE-2024-1"));
	assert_true(str_eqz(alias_canonical(c, str_of("RUSTSEC-1")), "RUSTSEC-1"));
	learn(c, "PYSEC-1", "CVE-2024-1");
	assert_true(str_eqz(alias_canonical(c, str_of("PYSEC-1")), "PYSEC-1"));
	assert_true(str_eqz(alias_canonical(c, str_of("CVE-2024-2")), "CVE-2024-2"));
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
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-1")), "CVE-2024-1"));
	assert_true(str_eqz(alias_canonical(c, str_of("GHSA-2")), "CVE-2024-2"));
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
		cmocka_unit_test(test_bundles_join_no_class),
		cmocka_unit_test(test_what_an_advisory_is_about),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Verdicts, and the findings they judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/policy.h"

#define DEBIAN { .namespace = STR_LIT("Debian:12"), .type = STR_LIT("deb"), \
	.packages = 90, .ordered = true, .has_feed = true, .feed_age_s = 100 }
#define FINDING(sev, fix) { .vulnerability = STR_LIT("CVE-2024-1"), \
	.name = STR_LIT("openssl"), .version = STR_LIT("3.0.9-1"), \
	.fixed_version = STR_LIT(fix), .status = STR_LIT("affected"), \
	.severity = SEVERITY_##sev }

/* One finding and one namespace, judged. */
static struct policy_result
judge(struct pool *pool, struct policy p, const struct policy_finding *f,
    const struct policy_coverage *c, bool incomplete)
{
	struct policy_input in = { .findings = f, .nfindings = f != NULL,
	    .coverage = c, .ncoverage = c != NULL, .incomplete = incomplete };
	struct policy_result r;

	assert_int_equal(policy_decide(&p, &in, pool, &r), 0);
	assert_true((r.nreasons == 0) == (r.verdict == VERDICT_PASS));
	return (r);
}

static void
test_severity_and_fix_decide_failure(void **state)
{
	static const struct policy_coverage c = DEBIAN;
	static const struct {
		struct policy p;
		struct policy_finding f;
		enum verdict want;
	} t[] = {
		{ { .fail_on = SEVERITY_HIGH }, FINDING(CRITICAL, ""), VERDICT_FAIL },
		{ { .fail_on = SEVERITY_HIGH }, FINDING(HIGH, ""), VERDICT_FAIL },
		{ { .fail_on = SEVERITY_HIGH }, FINDING(MEDIUM, "1"), VERDICT_PASS },
		{ { .fail_on = SEVERITY_LOW }, FINDING(UNKNOWN, "1"), VERDICT_PASS },
		{ { .fail_on = SEVERITY_UNKNOWN }, FINDING(UNKNOWN, ""), VERDICT_FAIL },
		{ { SEVERITY_HIGH, true, 0 }, FINDING(HIGH, ""), VERDICT_PASS },
		{ { SEVERITY_HIGH, true, 0 }, FINDING(HIGH, "3.0.11-1"), VERDICT_FAIL },
	};
	struct pool *pool = pool_new(4 * MIB);
	struct policy_finding f = FINDING(CRITICAL, "");

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(judge(pool, t[i].p, &t[i].f, &c, false).verdict,
		    t[i].want);
	f.status = str_of("not_affected");
	assert_int_equal(judge(pool, policy_default, &f, &c, false).verdict,
	    VERDICT_PASS);
	pool_free(pool);
}

static void
test_what_was_not_looked_at_is_unknown(void **state)
{
	struct pool *pool = pool_new(4 * MIB);
	struct policy_coverage c = DEBIAN;
	struct policy_finding bad = FINDING(CRITICAL, "");
	struct policy p = policy_default;

	(void)state;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_PASS);
	assert_int_equal(judge(pool, p, NULL, &c, true).verdict, VERDICT_UNKNOWN);
	assert_int_equal(judge(pool, p, &bad, &c, true).verdict, VERDICT_FAIL);
	c.has_feed = false;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_UNKNOWN);
	c = (struct policy_coverage) DEBIAN;
	c.ordered = false;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_UNKNOWN);
	c = (struct policy_coverage) DEBIAN;
	c.namespace = str_of("");
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_UNKNOWN);
	/* every distribution's own packages, whoever wrote their manager */
	for (const char *const *t = (const char *const[]) { "alpm", "ebuild",
	    "opkg", "nix", "rpm", "apk", NULL }; *t != NULL; t++) {
		c.type = str_of(*t);
		assert_int_equal(judge(pool, p, NULL, &c, false).verdict,
		    VERDICT_UNKNOWN);
	}
	/* no packages of it, nothing missed */
	c.packages = 0;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_PASS);
	pool_free(pool);
}

static void
test_old_advisories_are_unknown_only_where_they_are_used(void **state)
{
	struct pool *pool = pool_new(4 * MIB);
	struct policy_coverage c = DEBIAN;
	struct policy p = { SEVERITY_HIGH, false, 50 };

	(void)state;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_UNKNOWN);
	p.max_feed_age_s = 100;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_PASS);
	c.feed_age_s = -1;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_UNKNOWN);
	p.max_feed_age_s = 0;
	assert_int_equal(judge(pool, p, NULL, &c, false).verdict, VERDICT_PASS);
	pool_free(pool);
}

static void
test_a_language_without_advisories_is_a_note(void **state)
{
	struct pool *pool = pool_new(4 * MIB);
	struct policy_coverage c = { .namespace = STR_LIT("npm"),
	    .type = STR_LIT("npm"), .packages = 7 };
	struct policy_result r;

	(void)state;
	r = judge(pool, policy_default, NULL, &c, false);
	assert_int_equal(r.verdict, VERDICT_PASS);
	assert_int_equal(r.nnotes, 1);
	r = judge(pool, policy_default, NULL, NULL, false);
	assert_int_equal(r.verdict, VERDICT_PASS);
	assert_true(str_eqz(r.notes[0], "no_packages"));
	pool_free(pool);
}

static void
test_reasons_name_what_failed_and_are_bounded(void **state)
{
	static struct policy_finding many[POLICY_REASONS_MAX + 5];
	static const struct policy_coverage c = DEBIAN;
	struct policy_input in = { .findings = many, .coverage = &c,
	    .ncoverage = 1 };
	struct pool *pool = pool_new(4 * MIB), *small = pool_new(100);
	struct policy_result r;

	(void)state;
	in.nfindings = sizeof(many) / sizeof(many[0]);
	for (size_t i = 0; i < in.nfindings; i++)
		many[i] = (struct policy_finding) FINDING(HIGH, "3.0.11-1");
	assert_int_equal(policy_decide(&policy_default, &in, pool, &r), 0);
	assert_int_equal(r.nreasons, POLICY_REASONS_MAX + 1);
	assert_true(str_eqz(r.reasons[0],
	    "CVE-2024-1 in openssl 3.0.9-1: high, fixed in 3.0.11-1"));
	assert_true(str_eqz(r.reasons[POLICY_REASONS_MAX], "and 5 more"));
	assert_int_equal(policy_decide(&policy_default, &in, small, &r),
	    ERR_LIMIT);
	pool_free(pool);
	pool_free(small);
}

static void
test_merging_keeps_the_farthest_fix_and_the_worst_severity(void **state)
{
	static const struct finding t[] = {
		{ .advisory = STR_LIT("A"), .fixed_version = STR_LIT("1.9"),
		    .severity = SEVERITY_LOW },
		{ .advisory = STR_LIT("B"), .fixed_version = STR_LIT("1.10"),
		    .severity = SEVERITY_UNKNOWN },
		{ .advisory = STR_LIT("C"), .severity = SEVERITY_HIGH },
		{ .advisory = STR_LIT("D"), .fixed_version = STR_LIT("1.10.0"),
		    .severity = SEVERITY_UNKNOWN },
	};
	static const int orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 }, { 1, 3, 0, 2 },
	};
	struct finding f;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		f = t[orders[i][0]];
		for (size_t k = 1; k < 4; k++)
			finding_merge(str_of("PyPI"), &f, &t[orders[i][k]]);
		assert_true(str_eqz(f.advisory, "B"));
		assert_true(str_eqz(f.fixed_version, "1.10"));
		assert_int_equal(f.severity, SEVERITY_HIGH);
	}
}

static void
test_merging_lets_a_denial_decide_and_remembers_the_claim(void **state)
{
	static const struct finding t[] = {
		{ .advisory = STR_LIT("A"), .fixed_version = STR_LIT("2"),
		    .status = STR_LIT("affected"), .severity = SEVERITY_HIGH },
		{ .advisory = STR_LIT("B"), .status = STR_LIT("not_affected") },
		{ .advisory = STR_LIT("C"),
		    .status = STR_LIT("under_investigation") },
	};
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 }, { 2, 0, 1 }, { 1, 2, 0 },
	};
	struct finding f;

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		f = t[orders[i][0]];
		for (size_t k = 1; k < 3; k++)
			finding_merge(str_of("PyPI"), &f, &t[orders[i][k]]);
		assert_true(str_eqz(f.advisory, "B"));
		assert_true(str_eqz(f.status, "not_affected"));
		assert_true(finding_counts(&f));
	}
	assert_true(finding_counts(&t[0]));
	assert_false(finding_counts(&t[1]));
	assert_true(finding_counts(&t[2]));
	f = t[2];
	finding_merge(str_of("PyPI"), &f, &t[0]);
	assert_true(str_eqz(f.status, "affected"));
	f = t[1];
	finding_merge(str_of("PyPI"), &f, &t[1]);
	assert_false(finding_counts(&f));
}

static void
test_hits_become_one_finding_a_vulnerability(void **state)
{
	struct str cves[] = { STR_LIT("CVE-1"), STR_LIT("CVE-2") };
	struct match_package p = { .namespace = STR_LIT("PyPI"),
	    .type = STR_LIT("pypi"), .name = STR_LIT("a"),
	    .version = STR_LIT("1") };
	struct index_hit hits[] = {
		{ .advisory = STR_LIT("A"), .vulnerabilities = cves,
		    .nvulnerabilities = 2, .result = {
		    .fixed_version = STR_LIT("2"), .severity = SEVERITY_LOW } },
		{ .advisory = STR_LIT("B"), .vulnerabilities = cves + 1,
		    .nvulnerabilities = 1, .result = {
		    .fixed_version = STR_LIT("3"), .severity = SEVERITY_LOW } },
	};
	struct index *x = index_new(1 * MIB);
	struct finding *f;
	struct diag d;
	size_t n;

	(void)state;
	assert_int_equal(index_package(x, &p, &n, &d), 0);
	f = finding_list(x, hits, 2, &n);
	assert_int_equal(n, 2);
	assert_true(str_eqz(f[0].vulnerability, "CVE-1"));
	assert_true(str_eqz(f[0].fixed_version, "2"));
	assert_true(str_eqz(f[1].vulnerability, "CVE-2"));
	assert_true(str_eqz(f[1].fixed_version, "3"));
	free(f);
	index_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_severity_and_fix_decide_failure),
		cmocka_unit_test(test_what_was_not_looked_at_is_unknown),
		cmocka_unit_test(test_old_advisories_are_unknown_only_where_they_are_used),
		cmocka_unit_test(test_a_language_without_advisories_is_a_note),
		cmocka_unit_test(test_reasons_name_what_failed_and_are_bounded),
		cmocka_unit_test(test_merging_keeps_the_farthest_fix_and_the_worst_severity),
		cmocka_unit_test(test_merging_lets_a_denial_decide_and_remembers_the_claim),
		cmocka_unit_test(test_hits_become_one_finding_a_vulnerability),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

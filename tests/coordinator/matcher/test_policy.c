/* Verdicts, and the findings they judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/policy.h"
#include "coordinator/matcher/support.h"

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
		{ { .fail_on = SEVERITY_HIGH, .only_fixed = true }, FINDING(HIGH, ""), VERDICT_PASS },
		{ { .fail_on = SEVERITY_HIGH, .only_fixed = true }, FINDING(HIGH, "3.0.11-1"), VERDICT_FAIL },
	};
	static const struct {
		struct policy p;
		bool kev;
		const char *fixed;
		enum verdict want;
	} kev[] = {
		{ { .fail_on = SEVERITY_HIGH }, true, "", VERDICT_PASS },
		{ { .fail_on = SEVERITY_HIGH, .fail_on_kev = true }, false, "", VERDICT_PASS },
		{ { .fail_on = SEVERITY_HIGH, .fail_on_kev = true }, true, "", VERDICT_FAIL },
		{ { .fail_on = SEVERITY_HIGH, .fail_on_kev = true, .only_fixed = true }, true, "", VERDICT_PASS },
		{ { .fail_on = SEVERITY_HIGH, .fail_on_kev = true, .only_fixed = true }, true, "1", VERDICT_FAIL },
	};
	struct pool *pool = pool_new(4 * MIB);
	struct policy_finding f = FINDING(CRITICAL, "");

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(judge(pool, t[i].p, &t[i].f, &c, false).verdict,
		    t[i].want);
	/* what was not rated is said */
	assert_int_equal(judge(pool, t[2].p, &t[2].f, &c, false).nnotes, 0);
	assert_int_equal(judge(pool, t[3].p, &t[3].f, &c, false).nnotes, 1);
	for (size_t i = 0; i < sizeof(kev) / sizeof(kev[0]); i++) {
		f = (struct policy_finding) FINDING(LOW, "");
		f.kev = kev[i].kev;
		f.fixed_version = str_of(kev[i].fixed);
		assert_int_equal(judge(pool, kev[i].p, &f, &c,
		    false).verdict, kev[i].want);
		f.hidden = true;
		assert_int_equal(judge(pool, kev[i].p, &f, &c,
		    false).verdict, VERDICT_PASS);
	}
	f = (struct policy_finding) FINDING(CRITICAL, "");
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
	struct policy p = { .fail_on = SEVERITY_HIGH,
	    .max_feed_age_s = 50 };

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

struct claim {
	const char *advisory, *fixed, *status;
	enum severity severity;
};

static struct finding
claim(const struct claim *c)
{
	struct finding f = finding_of_match(0, &(struct match_result) {
		.status = str_of(c->status), .fixed_version = str_of(c->fixed),
		.severity = c->severity, .rated = c->severity !=
		SEVERITY_UNKNOWN ? MATCH_RATED_SCORE : MATCH_RATED_NOT });

	f.advisory = str_of(c->advisory);
	return (f);
}

static void
test_merging_keeps_the_farthest_fix_and_the_worst_severity(void **state)
{
	static const struct claim t[] = {
		{ "A", "1.9", "", SEVERITY_LOW },
		{ "B", "1.10", "", SEVERITY_UNKNOWN },
		{ "C", "", "", SEVERITY_HIGH },
		{ "D", "1.10.0", "", SEVERITY_UNKNOWN },
	};
	static const int orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 }, { 1, 3, 0, 2 },
	};
	struct finding f, more;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		f = claim(&t[orders[i][0]]);
		for (size_t k = 1; k < 4; k++) {
			more = claim(&t[orders[i][k]]);
			finding_merge(str_of("PyPI"), &f, &more);
		}
		assert_true(str_eqz(f.advisory, "B"));
		assert_true(str_eqz(f.fixed_version, "1.10"));
		assert_true(finding_end(&f));
		assert_int_equal(f.severity, SEVERITY_HIGH);
	}
}

static void
test_merging_lets_a_denial_decide_and_remembers_the_claim(void **state)
{
	static const struct claim t[] = {
		{ "A", "2", "affected", SEVERITY_HIGH },
		{ "B", "", "not_affected", SEVERITY_UNKNOWN },
		{ "C", "", "under_investigation", SEVERITY_UNKNOWN },
	};
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 }, { 2, 0, 1 }, { 1, 2, 0 },
	};
	struct finding f, more;

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		f = claim(&t[orders[i][0]]);
		for (size_t k = 1; k < 3; k++) {
			more = claim(&t[orders[i][k]]);
			finding_merge(str_of("PyPI"), &f, &more);
		}
		assert_true(str_eqz(f.advisory, "B"));
		assert_true(str_eqz(f.status, "not_affected"));
		assert_true(finding_end(&f));
	}
	for (size_t i = 0; i < 3; i++) {
		f = claim(&t[i]);
		assert_int_equal(finding_end(&f), i != 1);
	}
	f = claim(&t[2]);
	more = claim(&t[0]);
	finding_merge(str_of("PyPI"), &f, &more);
	assert_true(str_eqz(f.status, "affected"));
	more = f = claim(&t[1]);
	finding_merge(str_of("PyPI"), &f, &more);
	assert_false(finding_end(&f));
}

static void
test_of_statements_the_last_are_in_force(void **state)
{
	/* what is said, and when; 0 = by a source without such times */
	static const struct {
		struct {
			struct claim c;
			int64_t at;
		} v[3];
		const char *want, *status;	/* "" = no finding */
	} t[] = {
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, 1 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "not_affected", SEVERITY_UNKNOWN }, 1 } },
		  "B", "affected" },
		{ { { { "A", "", "affected", SEVERITY_UNKNOWN }, 1 },
		    { { "B", "", "not_affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "affected", SEVERITY_HIGH }, 0 } },
		  "B", "not_affected" },
		/* a replaced denial denies nobody's claim */
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, 1 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "9", "affected", SEVERITY_HIGH }, 0 } },
		  "C", "affected" },
		/* at one time */
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, 2 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "fixed", SEVERITY_UNKNOWN }, 1 } },
		  "B", "affected" },
		/* other sources' denials have no time */
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, 0 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "fixed", SEVERITY_UNKNOWN }, 1 } },
		  "A", "not_affected" },
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, 1 },
		    { { "B", "", "fixed", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "not_affected", SEVERITY_UNKNOWN }, 2 } },
		  "", "" },
		/* a distribution's own: a denial only where it is later */
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, -1 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, -2 },
		    { { "C", "2", "affected", SEVERITY_UNKNOWN }, -1 } },
		  "C", "affected" },
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, -3 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, -2 },
		    { { "C", "", "not_affected", SEVERITY_UNKNOWN }, -1 } },
		  "A", "not_affected" },
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, -2 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, -2 },
		    { { "C", "", "fixed", SEVERITY_UNKNOWN }, -1 } },
		  "B", "affected" },
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, -1 },
		    { { "B", "", "affected", SEVERITY_UNKNOWN }, -2 },
		    { { "C", "", "not_affected", SEVERITY_UNKNOWN }, 1 } },
		  "C", "not_affected" },
		{ { { { "A", "", "not_affected", SEVERITY_UNKNOWN }, -1 },
		    { { "B", "", "fixed", SEVERITY_UNKNOWN }, -2 },
		    { { "C", "", "affected", SEVERITY_UNKNOWN }, 0 } },
		  "B", "fixed" },
		/* taken back: shown, with that status */
		{ { { { "A", "", "affected", SEVERITY_UNKNOWN }, 1 },
		    { { "B", "", "not_affected", SEVERITY_UNKNOWN }, 2 },
		    { { "C", "", "affected", SEVERITY_UNKNOWN }, 1 } },
		  "B", "not_affected" },
	};
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (size_t o = 0; o < 6; o++) {
			struct finding_fold x = { .namespace = STR_LIT("PyPI") };
			struct finding f;
			bool is;

			for (size_t k = 0; k < 3; k++) {
				f = claim(&t[i].v[orders[o][k]].c);
				f.stated = t[i].v[orders[o][k]].at;
				finding_fold_add(&x, &f);
			}
			f = finding_fold_end(&x);
			is = finding_end(&f);
			assert_int_equal(is, t[i].want[0] != '\0');
			if (!is)
				continue;
			assert_true(str_eqz(f.advisory, t[i].want));
			assert_true(str_eqz(f.status, t[i].status));
		}
}

/* analysis.md 8.2: who rates the package before who rates the vulnerability before a
 * computed score; what Debian found minor is no more than medium (trap 54). */
#define U SEVERITY_UNKNOWN
#define N SEVERITY_NEGLIGIBLE
#define L SEVERITY_LOW
#define M SEVERITY_MEDIUM
#define H SEVERITY_HIGH
#define C SEVERITY_CRITICAL

struct said {
	enum match_rated by;
	enum severity severity;
	const char *reason, *fixed;
	bool hidden;
};

static const struct severity_case {
	const char *what;
	struct said v[3];
	size_t n;
	enum severity want, worst;
	const char *reason;
	bool hidden;
} severity_cases[] = {
	{ "one score", { { MATCH_RATED_SCORE, C, "", "", false } }, 1, C, C, "", false },
	{ "of two scores the worse", { { MATCH_RATED_SCORE, M, "", "", false },
	    { MATCH_RATED_SCORE, H, "", "", false } }, 2, H, H, "", false },
	{ "a database's word before a score (GHSA, PYSEC)", {
	    { MATCH_RATED_DOCUMENT, M, "", "2", false },
	    { MATCH_RATED_SCORE, C, "", "2", false } }, 2, M, C, "", false },
	{ "the vendor's word for the package before all", {
	    { MATCH_RATED_PACKAGE, L, "", "", false },
	    { MATCH_RATED_DOCUMENT, H, "", "", false },
	    { MATCH_RATED_SCORE, C, "", "", false } }, 3, L, C, "", false },
	{ "a word worse than the score, too", {
	    { MATCH_RATED_PACKAGE, C, "", "", false },
	    { MATCH_RATED_SCORE, L, "", "", false } }, 2, C, C, "", false },
	{ "who says nothing of it takes nothing away", {
	    { MATCH_RATED_NOT, U, "", "", false },
	    { MATCH_RATED_SCORE, H, "", "", false } }, 2, H, H, "", false },
	{ "Debian's minor issue without urgency", {
	    { MATCH_RATED_NOT, U, "no-dsa", "", false },
	    { MATCH_RATED_SCORE, C, "", "", false } }, 2, M, C, "no-dsa", false },
	{ "postponed", { { MATCH_RATED_NOT, U, "postponed", "", false },
	    { MATCH_RATED_DOCUMENT, H, "", "", false } }, 2, M, H, "postponed", false },
	{ "ignored, and low by its score", {
	    { MATCH_RATED_NOT, U, "ignored", "", false },
	    { MATCH_RATED_SCORE, L, "", "", false } }, 2, L, L, "ignored", false },
	{ "ignored, yet high by its urgency", {
	    { MATCH_RATED_PACKAGE, H, "ignored", "", false },
	    { MATCH_RATED_SCORE, C, "", "", false } }, 2, H, C, "ignored", false },
	{ "unimportant", { { MATCH_RATED_PACKAGE, N, "unimportant", "", true },
	    { MATCH_RATED_SCORE, C, "", "", false } }, 2, N, C, "unimportant", true },
	{ "unimportant, and only by that", { { MATCH_RATED_PACKAGE, N,
	    "unimportant", "", true } }, 1, N, N, "unimportant", true },
	{ "unimportant, but fixed somewhere", { { MATCH_RATED_PACKAGE, N,
	    "unimportant", "", true }, { MATCH_RATED_SCORE, C, "", "", false },
	    { MATCH_RATED_SCORE, H, "", "2", false } }, 3, C, C, "", false },
	{ "the same, and nobody else rates it", { { MATCH_RATED_PACKAGE, N,
	    "unimportant", "", true }, { MATCH_RATED_NOT, U, "", "2", false } }, 2, N,
	    N, "", false },
	{ "end of life is no triage", {
	    { MATCH_RATED_NOT, U, "end-of-life", "", false },
	    { MATCH_RATED_SCORE, C, "", "", false } }, 2, C, C, "end-of-life", false },
	{ "nobody rates it", { { MATCH_RATED_NOT, U, "no-dsa", "", false } }, 1, U, U,
	    "no-dsa", false },
	{ "a known fix decides, the rating stays", {
	    { MATCH_RATED_PACKAGE, L, "no-dsa", "", false },
	    { MATCH_RATED_SCORE, C, "", "1.2", false } }, 2, L, C, "", false },
};

static void
test_severity_is_that_of_who_knows_the_package(void **state)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	static const char *const ids[] = { "Z", "B", "A" };

	(void)state;
	for (size_t i = 0; i < sizeof(severity_cases) /
	    sizeof(severity_cases[0]); i++)
		for (size_t o = 0; o < 6; o++) {
			const struct severity_case *c = &severity_cases[i];
			struct finding f = { 0 }, more;
			size_t n = 0;

			for (size_t k = 0; k < 3; k++) {
				const struct said *v = &c->v[orders[o][k]];

				if ((size_t)orders[o][k] >= c->n)
					continue;
				more = finding_of_match(0,
				    &(struct match_result) {
				    .status = STR_LIT("affected"),
				    .severity = v->severity, .rated = v->by,
				    .reason = str_of(v->reason),
				    .hidden = v->hidden,
				    .fixed_version = str_of(v->fixed) });
				more.advisory = str_of(ids[orders[o][k]]);
				if (n++ == 0)
					f = more;
				else
					finding_merge(str_of("Debian:12"), &f,
					    &more);
			}
			assert_true(finding_end(&f));
			if (f.severity != c->want || f.worst != c->worst ||
			    f.hidden != c->hidden ||
			    !str_eqz(f.reason, c->reason))
				fail_msg("%s: %s, worst %s, because %.*s",
				    c->what, severity_name(f.severity),
				    severity_name(f.worst), STR_ARG(f.reason));
		}
}

static void
test_a_vendors_word_tells_what_becomes_of_a_fix(void **state)
{
	static const struct {
		const char *status, *fixed, *reason, *want;
	} t[] = {
		{ "affected", "1.2", "", "fixed" },
		{ "affected", "1.2", "ignored", "fixed" },
		{ "affected", "", "", "not_fixed" },
		{ "affected", "", "no-dsa", "not_fixed" },
		{ "affected", "", "unimportant", "not_fixed" },
		{ "affected", "", "needed", "not_fixed" },
		{ "affected", "", "ignored", "will_not_fix" },
		{ "affected", "", "Will not fix", "will_not_fix" },
		{ "affected", "", "will not fix", "will_not_fix" },
		{ "affected", "", "no_fix_planned", "will_not_fix" },
		{ "affected", "", "postponed", "fix_deferred" },
		{ "affected", "", "Fix deferred", "fix_deferred" },
		{ "affected", "", "deferred (2024-05-01)", "fix_deferred" },
		{ "affected", "", "Out of support scope", "end_of_life" },
		{ "affected", "", "end-of-life", "end_of_life" },
		{ "affected", "", "ignored (end of standard support)",
		    "end_of_life" },
		{ "under_investigation", "", "undetermined", "" },
		{ "not_affected", "", "component_not_present", "" },
		{ "fixed", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *got = finding_fix_state(str_of(t[i].status),
		    str_of(t[i].fixed), str_of(t[i].reason));

		if (strcmp(got, t[i].want) != 0)
			fail_msg("%s, \"%s\": %s, not %s", t[i].status,
			    t[i].reason, got, t[i].want);
	}
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

static void
test_a_release_is_supported_to_its_last_day(void **state)
{
	static const struct { const char *namespace, *today, *want; } t[] = {
		{ "Alpine:v3.14", "2023-04-30", "" },
		{ "Alpine:v3.14", "2023-05-01", "" },
		{ "Alpine:v3.14", "2023-05-02", "2023-05-01" },
		{ "Alpine:v3.14", "2024-01-01", "2023-05-01" },
		{ "Alpine:v3.1400", "2024-01-01", "" },
		{ "npm", "2024-01-01", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_true(str_eqz(support_ended(str_of(t[i].namespace),
		    str_of(t[i].today)), t[i].want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_severity_and_fix_decide_failure),
		cmocka_unit_test(test_what_was_not_looked_at_is_unknown),
		cmocka_unit_test(test_old_advisories_are_unknown_only_where_they_are_used),
		cmocka_unit_test(test_a_release_is_supported_to_its_last_day),
		cmocka_unit_test(test_a_language_without_advisories_is_a_note),
		cmocka_unit_test(test_reasons_name_what_failed_and_are_bounded),
		cmocka_unit_test(test_merging_keeps_the_farthest_fix_and_the_worst_severity),
		cmocka_unit_test(test_merging_lets_a_denial_decide_and_remembers_the_claim),
		cmocka_unit_test(test_of_statements_the_last_are_in_force),
		cmocka_unit_test(test_severity_is_that_of_who_knows_the_package),
		cmocka_unit_test(test_a_vendors_word_tells_what_becomes_of_a_fix),
		cmocka_unit_test(test_hits_become_one_finding_a_vulnerability),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

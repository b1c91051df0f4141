/*
 * OSV's ranges, every order of events: documents of one to eight events at three
 * versions, through the importer and the decision, against the algorithm of OSV's
 * schema written down a second time, on versions at, below and above each.  The
 * rows by which candidates are found must hold what the decision says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/version.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/match.h"

#define MOST 8			/* events of a document */

enum kind { INTRODUCED, FIXED, LAST, LIMIT, KINDS };
static const char *const kind_names[KINDS] = { "introduced", "fixed",
	"last_affected", "limit" };

/* Places on the version line: events lie at 1, 3 and 5; 0 is the beginning, and
 * of limits "*", the end. */
static const struct line {
	const char *ecosystem;
	const char *at[7];
} lines[] = {
	{ "PyPI", { "0.dev1", "1.0a1", "1.0.1", "1.9", "1.9.1", "1.10", "2!0" } },
	{ "Maven", { "0-alpha", "1.0-beta", "1.0-rc-1", "1.0", "1.0-sp",
	    "1.0.1", "99" } },
	{ "Debian:12", { "0~a", "1~rc1", "1~rc2", "1", "1+a", "1.0-1",
	    "1:0" } },
	{ "npm", { "0.0.0-0", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0", "1.0.1",
	    "1.10.0", "2.0.0" } },
	{ "AlmaLinux:9", { "0-1~", "1-1~rc", "1-1", "1-1.el9", "1-1.el9.1",
	    "1:0-1", "2:0-1" } },
};

struct event {
	enum kind kind;
	int at;			/* 0, 1, 3 or 5 */
};

struct doc {
	const struct line *line;
	struct event v[MOST];
	int n;
};

/* ---------------------------------------------------------------- the schema's rule */

static bool
before_limits(const struct doc *c, int v)
{
	bool any = false;

	for (int i = 0; i < c->n; i++) {
		if (c->v[i].kind != LIMIT)
			continue;
		any = true;
		if (c->v[i].at == 0 || v < c->v[i].at)
			return (true);
	}
	return (!any);
}

/* The schema's IncludedInRanges(): events by version, those at one version as they
 * are written. */
static bool
is_affected(const struct doc *c, int v)
{
	bool ret = false;

	for (int at = 0; at <= 5; at++)
		for (int i = 0; i < c->n; i++) {
			if (c->v[i].at != at)
				continue;
			if (c->v[i].kind == INTRODUCED && v >= at)
				ret = true;
			else if (c->v[i].kind == FIXED && v >= at)
				ret = false;
			else if (c->v[i].kind == LAST && v > at)
				ret = false;
		}
	return (ret && before_limits(c, v));
}

/* ------------------------------------------------------------------------- the same */

static void
say(const struct doc *c, struct buf *b)
{
	assert_int_equal(buf_printf(b, "{\"id\":\"X\",\"affected\":[{\"package\":"
	    "{\"ecosystem\":\"%s\",\"name\":\"a\"},\"ranges\":[{\"type\":"
	    "\"ECOSYSTEM\",\"events\":[", c->line->ecosystem), 0);
	for (int i = 0; i < c->n; i++)
		assert_int_equal(buf_printf(b, "%s{\"%s\":\"%s\"}", i > 0 ?
		    "," : "", kind_names[c->v[i].kind], c->v[i].at > 0 ?
		    c->line->at[c->v[i].at] : c->v[i].kind == LIMIT ? "*" :
		    "0"), 0);
	assert_int_equal(buf_str(b, str_of("]}]}]}")), 0);
}

static bool
row_holds(struct pool *pool, const struct match_package *p,
    const struct advisory_affected *e)
{
	struct match_key keys[MATCH_KEYS_MAX];
	struct match_range *rows;
	size_t n, nkeys;
	bool unmatched;
	struct diag d;

	assert_int_equal(match_entry_ranges(e, pool, &rows, &n, &unmatched,
	    &d), 0);
	assert_int_equal(match_package_keys(p, pool, keys, &nkeys, &d), 0);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < nkeys; k++)
			if (str_cmp(keys[k].key, rows[i].lo) >= 0 &&
			    str_cmp(keys[k].key, rows[i].hi) < 0)
				return (true);
	return (false);
}

static int
compare(void *arg, const struct advisory *a, struct diag *d)
{
	const struct doc *c = arg;
	const struct version_scheme *s =
	    version_scheme_of_ecosystem(str_of(c->line->ecosystem));
	struct pool *pool = pool_new(1 * MIB);
	struct match_result r;
	struct buf b;
	bool row;

	for (int v = 0; v <= 6; v++) {
		struct match_package p = {
		    .namespace = str_of(c->line->ecosystem),
		    .name = str_of("a"), .version = str_of(c->line->at[v]) };

		assert_int_equal(match_decide(&p, a, &r, d), 0);
		row = row_holds(pool, &p, &a->affected[0]);
		if (r.applies == is_affected(c, v) &&
		    (row == r.applies || (row && s->coarse_keys)))
			continue;
		buf_init(&b, 4096);
		say(c, &b);
		fail_msg("%.*s: %s is %s, by rows %s", STR_ARG(buf_view(&b)),
		    c->line->at[v], r.applies ? "affected" : "not affected",
		    row ? "affected" : "not affected");
	}
	pool_free(pool);
	return (0);
}

static int
refused(void *arg, struct str name, const struct diag *why, struct diag *d)
{
	(void)arg;
	(void)name;
	(void)d;
	fail_msg("%s", why->text);
	return (0);
}

static void
try(struct doc *c)
{
	struct feed_sink sink = { .arg = c, .advisory = compare,
	    .malformed = refused };
	struct feed_count count = { 0 };
	struct source_memory m;
	struct source src;
	struct diag d;
	struct buf b;

	buf_init(&b, 4096);
	say(c, &b);
	m = (struct source_memory) { b.p, b.n, 0 };
	src = source_memory(&m);
	assert_int_equal(feed_import(&feed_osv, &src, str_of("x.json"), &sink,
	    &count, &d), 0);
	assert_int_equal(count.documents, 1);
	buf_done(&b);
}

/* One of the events there are: each kind at 1, 3, 5, introduced and limit at 0. */
#define EVENTS (KINDS * 3 + 2)

static struct event
event_of(int n)
{
	static const int at[] = { 1, 3, 5 };

	if (n == EVENTS - 2)
		return ((struct event) { INTRODUCED, 0 });
	if (n == EVENTS - 1)
		return ((struct event) { LIMIT, 0 });
	return ((struct event) { (enum kind)(n / 3), at[n % 3] });
}

static void
test_every_order_of_up_to_three_events(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int n = 1, count = EVENTS; n <= 3; n++, count *= EVENTS)
			for (int i = 0; i < count; i++) {
				struct doc c = { .line = &lines[l], .n = n };

				for (int k = 0, rest = i; k < n; k++) {
					c.v[k] = event_of(rest % EVENTS);
					rest /= EVENTS;
				}
				try(&c);
			}
}

static void
test_many_events_in_any_order(void **state)
{
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct doc c = { .line = &lines[i % 5],
		    .n = 4 + i % (MOST - 3) };

		for (int k = 0; k < c.n; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			c.v[k] = event_of((int)((seed >> 11) % EVENTS));
		}
		try(&c);
	}
}

/* Ends that meet beginnings at one version, as they are written in public data. */
static void
test_pairs_that_meet_at_one_version(void **state)
{
	static const struct doc t[] = {
		{ .n = 4, .v = { { INTRODUCED, 0 }, { LAST, 3 },
		    { INTRODUCED, 3 }, { LAST, 3 } } },
		{ .n = 3, .v = { { INTRODUCED, 0 }, { INTRODUCED, 3 },
		    { LAST, 3 } } },
		{ .n = 4, .v = { { INTRODUCED, 0 }, { FIXED, 3 },
		    { INTRODUCED, 3 }, { FIXED, 3 } } },
		{ .n = 4, .v = { { INTRODUCED, 1 }, { FIXED, 3 },
		    { INTRODUCED, 3 }, { FIXED, 5 } } },
		{ .n = 3, .v = { { INTRODUCED, 0 }, { LAST, 3 },
		    { FIXED, 3 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {
			struct doc c = t[i];

			c.line = &lines[l];
			assert_true(is_affected(&c, 2));
			assert_false(is_affected(&c, 6));
			try(&c);
		}
}

/* ------------------------------------------------- several ranges, entries, versions */

#define PKG "\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"a\"}"
#define RANGE(type, events) "{\"type\":\"" type "\",\"events\":[" events "]}"
#define I(v) "{\"introduced\":\"" v "\"}"
#define F(v) "{\"fixed\":\"" v "\"}"

struct want {
	const char *affected;	/* versions, blank between */
	const char *fixed;	/* to show for the first of them */
};

static int
check_want(void *arg, const struct advisory *a, struct diag *d)
{
	static const char *const all[] = { "0.5", "1", "1.5", "2", "2.0", "2.5",
		"3", "3.5" };
	const struct want *w = arg;
	struct match_result r;
	struct buf b;
	bool first = true;

	buf_init(&b, 200);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct match_package p = { .namespace = str_of("PyPI"),
		    .name = str_of("A"), .version = str_of(all[i]) };

		assert_int_equal(match_decide(&p, a, &r, d), 0);
		if (!r.applies)
			continue;
		assert_int_equal(buf_printf(&b, "%s%s", b.n > 0 ? " " : "",
		    all[i]), 0);
		if (first && !str_eqz(r.fixed_version, w->fixed))
			fail_msg("%s: fixed in %.*s", all[i],
			    STR_ARG(r.fixed_version));
		first = false;
	}
	if (!str_eqz(buf_view(&b), w->affected))
		fail_msg("affected: %.*s, not %s", STR_ARG(buf_view(&b)),
		    w->affected);
	buf_done(&b);
	return (0);
}

static void
test_ranges_entries_and_versions_are_one_union(void **state)
{
	static const struct {
		const char *affected;
		struct want want;
	} t[] = {
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", I("1") "," F("1.5"))
		    "," RANGE("ECOSYSTEM", I("2.5") "," F("3")) "]}",
		    { "1 2.5", "1.5" } },
		/* a fix in the next range does not end this one */
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", I("1")) ","
		    RANGE("ECOSYSTEM", F("2")) "]}",
		    { "1 1.5 2 2.0 2.5 3 3.5", "" } },
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", I("1") "," F("1.5"))
		    "]},{" PKG ",\"ranges\":[" RANGE("SEMVER", I("3")) "]}",
		    { "1 3 3.5", "1.5" } },
		/* commits say nothing about versions */
		{ "{" PKG ",\"ranges\":[" RANGE("GIT", I("0")) "]}", { "", "" } },
		{ "{" PKG ",\"ranges\":[" RANGE("GIT", I("0")) "],"
		    "\"versions\":[\"2\"]}", { "2 2.0", "" } },
		{ "{" PKG ",\"ranges\":[" RANGE("GIT", I("0")) ","
		    RANGE("ECOSYSTEM", I("3")) "],\"versions\":[\"2\"]}",
		    { "3 3.5", "" } },
		/* what an aggregator enumerated does not extend its range */
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", I("1") "," F("1.5"))
		    "],\"versions\":[\"1\",\"2\"]}", { "1", "1.5" } },
		/* but where no range says anything it counts */
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", F("1.5"))
		    "],\"versions\":[\"1\",\"2\"]}", { "1 2 2.0", "" } },
		{ "{" PKG ",\"ranges\":[" RANGE("ECOSYSTEM", I("x") "," F("y"))
		    "],\"versions\":[\"1\",\"2\"]}", { "1 2 2.0", "" } },
		{ "{" PKG ",\"versions\":[\"0.5\",\"v3.0\"]}", { "0.5 3", "" } },
		{ "{" PKG ",\"ranges\":[],\"versions\":[]}", { "", "" } },
		/* another package, another ecosystem, its suffix */
		{ "{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"b\"},\"ranges\":["
		    RANGE("ECOSYSTEM", I("0")) "]},{\"package\":{\"ecosystem\":"
		    "\"PyPI:x\",\"name\":\"a\"},\"ranges\":[" RANGE("ECOSYSTEM",
		    I("0")) "]}", { "", "" } },
		{ "{\"ranges\":[" RANGE("GIT", I("0")) "]},{" PKG ",\"ranges\":["
		    RANGE("ECOSYSTEM", I("3.5")) "]}", { "3.5", "" } },
	};
	struct source_memory m;
	struct source src;
	struct diag d;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
		static const struct want none = { "", "" };
		bool withdrawn = i % 2 == 1;
		const struct want *w = withdrawn ? &none : &t[i / 2].want;
		struct feed_sink sink = { .arg = (void *)(uintptr_t)w,
		    .advisory = check_want, .malformed = refused };
		struct feed_count count = { 0 };

		buf_init(&b, 8192);
		assert_int_equal(buf_printf(&b, "{\"id\":\"X\",%s\"affected\":[%s"
		    "]}", withdrawn ? "\"withdrawn\":\"2024-01-01T00:00:00Z\"," :
		    "", t[i / 2].affected), 0);
		m = (struct source_memory) { b.p, b.n, 0 };
		src = source_memory(&m);
		assert_int_equal(feed_import(&feed_osv, &src, str_of("x.json"),
		    &sink, &count, &d), 0);
		buf_done(&b);
	}
}

static int
count_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	(void)a; (void)d;
	++*(int *)arg;
	return (0);
}

static int
count_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	(void)name; (void)d;
	assert_int_equal(why->code, ERR_LIMIT);
	*(int *)arg += 1000;
	return (0);
}

static void
test_a_range_of_too_many_events_is_refused(void **state)
{
	int seen = 0;
	struct feed_sink sink = { .arg = &seen, .advisory = count_advisory,
		.malformed = count_malformed };

	(void)state;
	for (size_t n = LIMIT_ADVISORY_EVENTS; n <= LIMIT_ADVISORY_EVENTS + 1;
	    n++) {
		struct feed_count count = { 0 };
		struct source_memory m;
		struct source src;
		struct diag d;
		struct buf b;

		buf_init(&b, 4 * MIB);
		assert_int_equal(buf_printf(&b, "{\"id\":\"X\",\"affected\":[{"
		    "\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"
		    "\"ranges\":[{\"type\":\"SEMVER\",\"events\":["), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(buf_printf(&b, "%s{\"%s\":\"1.%zu.0\"}",
			    i > 0 ? "," : "", i % 2 == 0 ? "introduced" :
			    "fixed", i), 0);
		assert_int_equal(buf_printf(&b, "]}]}]}"), 0);
		m = (struct source_memory) { b.p, b.n, 0 };
		src = source_memory(&m);
		assert_int_equal(feed_import(&feed_osv, &src, str_of("x.json"),
		    &sink, &count, &d), 0);
		buf_done(&b);
	}
	assert_int_equal(seen, 1001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order_of_up_to_three_events),
		cmocka_unit_test(test_many_events_in_any_order),
		cmocka_unit_test(test_pairs_that_meet_at_one_version),
		cmocka_unit_test(test_ranges_entries_and_versions_are_one_union),
		cmocka_unit_test(test_a_range_of_too_many_events_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Advisories through their encoded form: whole, cut and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/advisory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pack.h"

static struct advisory_range ranges[] = {
	{ .lo = STR_LIT("0"), .hi = STR_LIT("1.0"), .fixed = STR_LIT("1.0") },
	{ .lo = STR_LIT("2.0"), .hi = STR_LIT("2.5"), .hi_inclusive = true },
	{ .lo = STR_LIT("3.0"), .hi = STR_LIT("3.5"), .lo_exclusive = true },
};
static struct str versions[] = { STR_LIT("0.9"), STR_LIT("2.1") };
static struct str aliases[] = { STR_LIT("CVE-2024-0001") };
static struct advisory_affected affected[] = {
	{ .ecosystem = STR_LIT("PyPI"), .name = STR_LIT("demo"),
	    .range_type = STR_LIT("ECOSYSTEM"), .ranges = ranges, .nranges = 3,
	    .versions = versions, .nversions = 2, .severity = SEVERITY_LOW,
	    .cvss = STR_LIT("v"), .status_reason = STR_LIT("no-dsa") },
	{ .ecosystem = STR_LIT("Debian:12"), .name = STR_LIT("demo") },
	{ .ecosystem = STR_LIT("Debian:12"), .name = STR_LIT("demo"),
	    .status = VEX_FIXED },
	{ .ecosystem = STR_LIT("Red Hat:enterprise_linux:8"),
	    .name = STR_LIT("node"), .status = VEX_UNDER_INVESTIGATION,
	    .module = STR_LIT("nodejs:18") },
	{ .ecosystem = STR_LIT("Red Hat:enterprise_linux:8"),
	    .name = STR_LIT("node"), .module = STR_LIT("nodejs:20") },
	{ .ecosystem = STR_LIT("Red Hat:enterprise_linux:9"),
	    .name = STR_LIT("a"), .channels = STR_LIT("rhel_eus:9.2") },
	{ .ecosystem = STR_LIT("Red Hat:enterprise_linux:7"),
	    .name = STR_LIT("kernel"), .source = STR_LIT("kernel-alt") },
	{ .ecosystem = STR_LIT("Red Hat:enterprise_linux:9"),
	    .name = STR_LIT("b"), .by_source = true },
	{ .ecosystem = STR_LIT("npm"), .name = STR_LIT("c"),
	    .stated = INT64_C(1704067200000000) },
	{ .ecosystem = STR_LIT("Debian:12"), .name = STR_LIT("openssl"),
	    .binary = STR_LIT("libssl3") },
	{ .ecosystem = STR_LIT("Debian:12"), .name = STR_LIT("libssl3"),
	    .by_binary = true },
};
static const struct advisory sample = {
	.id = STR_LIT("X-1"), .modified = STR_LIT("2024-01-01T00:00:00Z"),
	.published = STR_LIT("p"), .withdrawn = STR_LIT("w"),
	.summary = STR_LIT("a\0b"), .aliases = aliases, .naliases = 1,
	.upstream = aliases, .nupstream = 1, .related = aliases, .nrelated = 1,
	.severity = SEVERITY_CRITICAL, .cvss = STR_LIT("c"),
	.affected = affected, .naffected = 11,
};

static void
test_an_advisory_comes_back_as_it_was_written(void **state)
{
	struct pool *pool = pool_new(1 * MIB);
	struct buf b, again;
	struct advisory a;
	struct diag d;
	struct cur c;

	(void)state;
	buf_init(&b, 1 * MIB);
	buf_init(&again, 1 * MIB);
	assert_int_equal(advisory_write(&b, &sample), 0);
	c = cur_str(buf_view(&b));
	assert_int_equal(advisory_read(&c, pool, &a, &d), 0);
	assert_int_equal(cur_left(&c), 0);
	assert_int_equal(a.summary.n, 3);
	assert_int_equal(a.naffected, 11);
	assert_true(a.affected[0].ranges[1].hi_inclusive);
	assert_false(a.affected[0].ranges[1].lo_exclusive);
	assert_true(a.affected[0].ranges[2].lo_exclusive);
	assert_true(str_eqz(a.affected[0].status_reason, "no-dsa"));
	assert_int_equal(a.affected[0].status, VEX_AFFECTED);
	assert_int_equal(a.affected[2].status, VEX_FIXED);
	assert_int_equal(a.affected[3].status, VEX_UNDER_INVESTIGATION);
	assert_true(str_eqz(a.affected[3].module, "nodejs:18"));
	assert_true(str_eqz(a.affected[4].module, "nodejs:20"));
	assert_true(str_eqz(a.affected[5].channels, "rhel_eus:9.2"));
	assert_false(a.affected[5].by_source);
	assert_true(str_eqz(a.affected[6].source, "kernel-alt"));
	assert_true(a.affected[7].by_source);
	assert_int_equal(a.affected[7].stated, 0);
	assert_true(a.affected[8].stated == INT64_C(1704067200000000));
	assert_int_equal(a.affected[8].binary.n, 0);
	assert_true(str_eqz(a.affected[9].binary, "libssl3"));
	assert_false(a.affected[9].by_binary);
	assert_true(a.affected[10].by_binary);
	assert_int_equal(advisory_write(&again, &a), 0);
	assert_true(str_eq(buf_view(&b), buf_view(&again)));
	buf_done(&b);
	buf_done(&again);
	pool_free(pool);
}

static void
test_every_cut_and_every_flipped_byte_is_survived(void **state)
{
	struct pool *pool;
	struct advisory a;
	struct diag d;
	struct buf b;
	struct cur c;
	uint8_t *copy;

	(void)state;
	buf_init(&b, 1 * MIB);
	assert_int_equal(advisory_write(&b, &sample), 0);
	for (size_t cut = 0; cut < b.n; cut++) {
		pool = pool_new(1 * MIB);
		copy = mem_alloc(cut + 1);	/* exact, so ASan sees overruns */
		memcpy(copy, b.p, cut);
		c = cur_of(copy, cut);
		assert_int_equal(advisory_read(&c, pool, &a, &d), ERR_MALFORMED);
		assert_int_equal(cur_left(&c), cut);
		free(copy);
		pool_free(pool);
	}
	for (size_t at = 0; at < b.n; at++) {
		pool = pool_new(1 * MIB);
		b.p[at] ^= 0xff;
		c = cur_of(b.p, b.n);
		(void)advisory_read(&c, pool, &a, &d);
		b.p[at] ^= 0xff;
		pool_free(pool);
	}
	buf_done(&b);
}

static void
test_ceilings_hold_and_leave_nothing_behind(void **state)
{
	struct pool *pool = pool_new(64);
	struct advisory a;
	struct buf b, small;
	struct diag d;
	struct cur c;

	(void)state;
	buf_init(&b, 1 * MIB);
	buf_init(&small, 40);
	assert_int_equal(advisory_write(&small, &sample), ERR_LIMIT);
	assert_int_equal(small.n, 0);
	assert_int_equal(advisory_write(&b, &sample), 0);
	c = cur_str(buf_view(&b));
	assert_int_equal(advisory_read(&c, pool, &a, &d), ERR_LIMIT);
	buf_done(&b);
	buf_done(&small);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_advisory_comes_back_as_it_was_written),
		cmocka_unit_test(test_every_cut_and_every_flipped_byte_is_survived),
		cmocka_unit_test(test_ceilings_hold_and_leave_nothing_behind),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

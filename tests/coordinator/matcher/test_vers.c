/* Version ranges of VEX documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/vers.h"

/* What ${text} is, as "[1,2) (3,4]"; "" = none, "malformed", "unsupported". */
static void
check(const char *text, const char *type, const char *ecosystem,
    const char *want)
{
	struct pool *pool = pool_new(1 * MIB);
	struct advisory_range *v = NULL;
	struct buf b;
	size_t n = 0;
	int rc;

	buf_init(&b, 4096);
	rc = vers_read(str_of(text), str_of(type), str_of(ecosystem), pool, &v,
	    &n);
	if (rc < 0)
		assert_int_equal(buf_printf(&b, "%s", rc == ERR_MALFORMED ?
		    "malformed" : rc == ERR_UNSUPPORTED ? "unsupported" :
		    "limit"), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_printf(&b, "%s%c%.*s,%.*s%c",
		    i > 0 ? " " : "", v[i].lo_exclusive ? '(' : '[',
		    STR_ARG(v[i].lo), STR_ARG(v[i].hi),
		    v[i].hi_inclusive ? ']' : ')'), 0);
	assert_int_equal(buf_byte(&b, 0), 0);
	if (strcmp((char *)b.p, want) != 0)
		print_error("%s\n", text);
	assert_string_equal((char *)b.p, want);
	buf_done(&b);
	pool_free(pool);
}

static void
test_expressions_are_ranges(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "vers:npm/*", "[0,)" },
		{ "vers:all/*", "[0,)" },
		{ "vers:none/*", "" },
		{ "vers:npm/<2.0.0", "[0,2.0.0)" },
		{ "vers:npm/<=2.0.0", "[0,2.0.0]" },
		{ "vers:npm/>=2.0.0", "[2.0.0,)" },
		{ "vers:npm/>2.0.0", "(2.0.0,)" },
		{ "vers:npm/1.2.3", "[1.2.3,1.2.3]" },
		{ "vers:npm/=1.2.3", "[1.2.3,1.2.3]" },
		{ "vers:npm/1.2.3|>=2.0.0|<5.0.0",
		    "[1.2.3,1.2.3] [2.0.0,5.0.0)" },
		{ "vers:npm/>=1.0.0|<=1.7.5|>7.0.0|<=7.0.7|>=8.0.0",
		    "[1.0.0,1.7.5] (7.0.0,7.0.7] [8.0.0,)" },
		{ "vers:npm/<1.0.0|>=2.0.0", "[0,1.0.0) [2.0.0,)" },
		/* in any order, by the versions' own */
		{ "vers:npm/<10.0.0|>=9.0.0", "[9.0.0,10.0.0)" },
		/* what is not meant */
		{ "vers:npm/!=1.2.3", "[0,1.2.3) (1.2.3,)" },
		{ "vers:npm/>=1.0.0|!=1.2.3|!=1.3.0|<2.0.0",
		    "[1.0.0,1.2.3) (1.2.3,1.3.0) (1.3.0,2.0.0)" },
		{ "vers:npm/!=0.9.0|<2.0.0", "[0,0.9.0) (0.9.0,2.0.0)" },
		{ "vers:npm/!=0.9.0|>=1.0.0", "[1.0.0,)" },
		{ "vers:npm/>=1.0.0|1.5.0|<2.0.0", "[1.0.0,2.0.0)" },
		/* blanks, pipes, percents */
		{ "vers:npm/ >= 1.0.0 || < 2.0.0 |", "[1.0.0,2.0.0)" },
		{ "vers:npm/%31.0.0-a%2Bb", "[1.0.0-a+b,1.0.0-a+b]" },
		/* types whose order is that of npm, and without an own one */
		{ "vers:semver/<2.0.0", "[0,2.0.0)" },
		{ "vers:generic/>=1.0.0|<=2.3.0", "[1.0.0,2.3.0]" },
		/* CSAF's constraints alone */
		{ "<=1.14.0", "[0,1.14.0]" },
		{ ">=1.0.0|<2.0.0", "[1.0.0,2.0.0)" },
		{ "*", "[0,)" },
		/* none */
		{ "", "malformed" },
		{ "all versions before 2.0", "malformed" },
		{ "1.0 - 2.0", "malformed" },
		{ "unspecified", "malformed" },
		{ "vers:npm", "malformed" },
		{ "vers:npm/", "malformed" },
		{ "vers:npm/|", "malformed" },
		{ "vers:npm/<", "malformed" },
		{ "vers:npm/*|<2.0.0", "malformed" },
		{ "vers:npm/<<2.0.0", "malformed" },
		{ "vers:npm/<1.0.0|<2.0.0", "malformed" },
		{ "vers:npm/>1.0.0|>2.0.0", "malformed" },
		{ "vers:npm/>=1.0.0|<=1.0.0", "malformed" },
		{ "vers:npm/<latest", "unsupported" },
		{ "<2.0 and >1.0", "unsupported" },
		{ "vers:pypi/<2.0.0", "unsupported" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check(t[i].text, "npm", "npm", t[i].want);
}

static void
test_versions_are_ordered_by_their_ecosystem(void **state)
{
	(void)state;
	check("vers:deb/<1.0|>=1.0~rc1", "deb", "Debian:12", "[1.0~rc1,1.0)");
	check("vers:rpm/<1%3A2-1", "rpm", "Red Hat:9", "[0,1:2-1)");
	check("vers:alpine/<1.2.3-r4", "apk", "Alpine:v3.19", "[0,1.2.3-r4)");
	check("vers:pypi/<2!1.0", "pypi", "PyPI", "[0,2!1.0)");
	check("vers:semver/<2.0", "pypi", "PyPI", "unsupported");
	check("vers:ebuild/<2.0", "ebuild", "Gentoo", "unsupported");
	check("vers:all/*", "ebuild", "Gentoo", "[0,)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expressions_are_ranges),
		cmocka_unit_test(test_versions_are_ordered_by_their_ecosystem),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

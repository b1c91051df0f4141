/* Package URLs taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "common/purl.h"

static void
test_parts(void **state)
{
	static const struct { const char *in, *want; } t[] = {
		{ "pkg:npm/%40angular/core@1.0.0", "npm|@angular|core|1.0.0|" },
		{ "pkg:npm/@angular/core@1.0.0", "npm|@angular|core|1.0.0|" },
		{ "pkg:npm/@angular/core", "npm|@angular|core||" },
		{ "pkg:NPM/x", "npm||x||" }, { "pkg://npm//x@1", "npm||x|1|" },
		{ "pkg:golang/a.example/b/c@v1%2Bincompatible#d/e",
		    "golang|a.example/b|c|v1+incompatible|" },
		{ "pkg:deb/debian/libc6@2:1?arch=amd64&upstream=glibc%401",
		    "deb|debian|libc6|2:1|glibc@1" },
		{ "pkg:maven/g.h/a@1?type=jar", "maven|g.h|a|1|" },
		{ "pkg:x/a%2", "x||a%2||" }, { "pkg:x/a%zz%41", "x||a%zzA||" },
		{ "pkg:x/n@1?upstream=a&upstream=b", "x||n|1|a" },
		{ "pkg:x/n@1?upstream", "x||n|1|" },
		{ "", "!" }, { "pkg:", "!" }, { "pkg:npm", "!" },
		{ "pkg:npm/", "!" }, { "pkg:/x", "!" }, { "npm/x@1", "!" },
	};
	char got[256];
	struct purl p;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(4096);

		rc = purl_read(str_of(t[i].in), pool, &p);
		if (rc < 0) {
			assert_int_equal(rc, ERR_MALFORMED);
			snprintf(got, sizeof(got), "!");
		} else {
			struct str up = purl_qualifier(&p, "upstream", pool);

			snprintf(got, sizeof(got), "%.*s|%.*s|%.*s|%.*s|%.*s",
			    STR_ARG(p.type), STR_ARG(p.space), STR_ARG(p.name),
			    STR_ARG(p.version), STR_ARG(up));
		}
		assert_string_equal(got, t[i].want);
		pool_free(pool);
	}
}

static void
test_a_full_pool_is_a_limit(void **state)
{
	struct pool *pool = pool_new(16);
	struct purl p;

	(void)state;
	assert_int_equal(purl_read(str_of("pkg:npm/a/b@1"), pool, &p), ERR_LIMIT);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_a_full_pool_is_a_limit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

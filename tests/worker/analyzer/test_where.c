/* Which folders make of what they hold somebody's test material. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "worker/analyzer/where.h"

static void
test_samples(void **state)
{
	static const struct { const char *path; bool want; } t[] = {
		{ "app/node_modules/a/test/fixtures/b/package.json", true },
		{ "app/node_modules/test/package.json", false },
		{ "app/node_modules/@x/test/package.json", false },
		{ "app/node_modules/@x/test/test/package.json", true },
		{ "usr/lib/python3/dist-packages/a/tests/b/METADATA", true },
		{ "usr/lib/python3.11/test/b.dist-info/METADATA", true },
		{ "usr/lib64/python3.11/test/b.dist-info/METADATA", true },
		{ "usr/lib/ruby/gems/3.1.0/gems/a-1/test/b.gemspec", true },
		{ "app/vendor/acme/log/tests/package.json", true },
		{ "app/vendor/test/log/package.json", false },
		{ "app/vendor/test/log/test/package.json", true },
		/* what people call their folders */
		{ "test/app/node_modules/a/package.json", false },
		{ "srv/vendor/test/app/node_modules/a/package.json", false },
		{ "srv/python3-app/example/venv/lib/python3.11/site-packages/"
		    "a-1.dist-info/METADATA", false },
		{ "srv/python3/example/venv/lib/python3.11/site-packages/"
		    "a-1.dist-info/METADATA", false },
		{ "opt/vendor/acme/examples/node_modules/a/package.json", false },
		{ "opt/vendor/acme/examples/node_modules/a/test/package.json",
		    true },
		{ "opt/vendor/x/test/venv/lib/python3.11/site-packages/"
		    "q-1.dist-info/METADATA", false },
		{ "opt/vendor/x/test/vendor/y/package.json", true },
		{ "app/node_modules/a/vendor/b/test/package.json", true },
		{ "srv/gems/test/app/node_modules/a/package.json", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (where_is_sample(str_of(t[i].path)) != t[i].want)
			fail_msg("%s", t[i].path);
}

/* auditwheel and delocate put eight hexadecimal digits into names. */
static void
test_hashes_in_names(void **state)
{
	static const struct { const char *name, *want; } t[] = {
		{ "libz-eb09ad1d.so.1.2.3", "libz.so.1.2.3" },
		{ "libssl-0123abcd.so", "libssl.so" },
		{ "-0123abcd.so", ".so" },
		{ "libz_eb09ad1d.so.1", "libz_eb09ad1d.so.1" },
		{ "libz-eb09ad1g.so.1", "libz-eb09ad1g.so.1" },
		{ "libz-eb09ad1.so.1", "libz-eb09ad1.so.1" },
		{ "libz.so.1", "libz.so.1" },
		{ "z-eb09ad1d", "z-eb09ad1d" },
		{ "", "" },
	};
	char text[WHERE_NAME];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (!str_eqz(where_unhashed(str_of(t[i].name), text), t[i].want))
			fail_msg("%s", t[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_hashes_in_names),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

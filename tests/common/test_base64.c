/* base64: RFC 4648 section 10, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/base64.h"

static void
test_vectors(void **state)
{
	static const char *const t[][2] = {
		{ "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" }, { "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
		/* without its padding */
		{ "Zg", "f" }, { "Zm8", "fo" }, { "Zm9vYmE", "fooba" },
		{ "+/+/", "\xfb\xff\xbf" },
	};
	uint8_t b[6];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_true(base64_read(str_of(t[i][0]), b, sizeof(b), &n));
		assert_true(str_eqz(str_n(b, n), t[i][1]));
		if (n > 0)
			assert_false(base64_read(str_of(t[i][0]), b, n - 1, &n));
	}
}

static void
test_what_is_none(void **state)
{
	static const struct str t[] = {
		STR_LIT("Z"), STR_LIT("Zm9vY"), STR_LIT("Zg="), STR_LIT("Zg==="),
		STR_LIT("Z==="), STR_LIT("="), STR_LIT("Zm9v="), STR_LIT("Zm9v===="),
		STR_LIT("Zg==Zg=="), STR_LIT("Zm 9v"), STR_LIT("Zm9v\n"),
		STR_LIT("Zm9\0"), STR_LIT("Zm-_"), STR_LIT("Zm9\xff"),
	};
	uint8_t b[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_false(base64_read(t[i], b, sizeof(b), &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_what_is_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Image references as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/ref.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIG "sha256:" HEX64

static void
test_reads_what_people_type(void **state)
{
	static const struct {
		const char *in, *host, *name, *tag, *digest;
	} t[] = {
		{ "debian", "docker.io", "library/debian", "latest", "" },
		{ "debian:12", "docker.io", "library/debian", "12", "" },
		{ "team/app:1.0", "docker.io", "team/app", "1.0", "" },
		{ "docker.io/debian", "docker.io", "library/debian", "latest", "" },
		{ "index.docker.io/a/b:C", "docker.io", "a/b", "C", "" },
		{ "registry-1.docker.io/a/b", "docker.io", "a/b", "latest", "" },
		{ "localhost/app", "localhost", "app", "latest", "" },
		{ "127.0.0.1:5055/a/b/c:1", "127.0.0.1:5055", "a/b/c", "1", "" },
		{ "reg.test:5000/app", "reg.test:5000", "app", "latest", "" },
		{ "reg.test/app@" DIG, "reg.test", "app", "", DIG },
		{ "reg.test/app:1@" DIG, "reg.test", "app", "1", DIG },
		{ "[::1]:5000/app:1", "[::1]:5000", "app", "1", "" },
		{ "a__b/c--d/e.f_g", "docker.io", "a__b/c--d/e.f_g", "latest", "" },
	};
	struct ref r;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(ref_parse(str_of(t[i].in), &r, &d), 0);
		assert_string_equal(r.host, t[i].host);
		assert_string_equal(r.name, t[i].name);
		assert_string_equal(r.tag, t[i].tag);
		assert_string_equal(r.digest, t[i].digest);
	}
}

static void
test_refuses_what_is_none(void **state)
{
	static const struct str t[] = {
		STR_LIT(""), STR_LIT(":"), STR_LIT("@"), STR_LIT("/"),
		STR_LIT("App"), STR_LIT("app:"), STR_LIT("app:-1"),
		STR_LIT("a//b"), STR_LIT("/a"), STR_LIT("a/"), STR_LIT("a/../b"),
		STR_LIT("a..b"), STR_LIT("a___b"), STR_LIT("-a"), STR_LIT("a-"),
		STR_LIT("app@sha256:12"), STR_LIT("app@" DIG "0"),
		STR_LIT("app@sha512:" HEX64 HEX64), STR_LIT("reg.test/"),
		STR_LIT("http://reg.test/app"), STR_LIT("reg.test/app?x"),
		STR_LIT("reg.test/app 1"), STR_LIT("a\0b"), STR_LIT("a:1\n"),
		STR_LIT("user@reg.test/app"), STR_LIT("re\\g.test/app"),
	};
	struct ref r;
	struct diag d;
	char longest[600];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		d.text[0] = '\0';
		assert_int_equal(ref_parse(t[i], &r, &d), ERR_USAGE);
		assert_true(d.text[0] != '\0');
	}
	memset(longest, 'a', sizeof(longest));
	for (size_t n = 240; n < sizeof(longest); n++)
		assert_int_equal(ref_parse(str_n(longest, n), &r, &d),
		    n + strlen("library/") <= 255 ? 0 : ERR_USAGE);
	longest[1] = ':';
	assert_int_equal(ref_parse(str_n(longest, 2 + 128), &r, &d), 0);
	assert_int_equal(ref_parse(str_n(longest, 2 + 129), &r, &d), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_people_type),
		cmocka_unit_test(test_refuses_what_is_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

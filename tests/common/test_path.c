/* Path keys, link targets, SipHash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/path.h"
#include "common/siphash.h"

static void
test_keys_of_paths(void **state)
{
	static const struct {
		const char *in, *want;
		unsigned flags;
	} t[] = {
		{ "./etc/passwd", "etc/passwd", 0 },
		{ "/etc/passwd", "etc/passwd", 0 },
		{ "etc//passwd/", "etc/passwd", 0 },
		{ "./", "", 0 }, { "", "", 0 }, { "///", "", 0 }, { ".", "", 0 },
		{ "../../etc/shadow", "etc/shadow", PATH_ESCAPED },
		{ "a/b/../c", "a/c", PATH_DOTDOT },
		{ "a/../../b", "b", PATH_DOTDOT | PATH_ESCAPED },
		{ "a/..", "", PATH_DOTDOT },
		{ "usr\\lib", "usr\\lib", 0 },
		{ "a/...", "a/...", 0 }, { "..a/.b", "..a/.b", 0 },
		{ "\xff/\x01", "\xff/\x01", 0 },
	};
	char *long_name = calloc(1, LIMIT_PATH + 2);
	struct buf out;
	unsigned flags;

	(void)state;
	buf_init(&out, LIMIT_PATH);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(path_normalise(str_of(t[i].in), &out, &flags), 0);
		assert_true(str_eqz(buf_view(&out), t[i].want));
		assert_int_equal(flags, t[i].flags);
	}
	memset(long_name, 'a', LIMIT_PATH + 1);
	assert_int_equal(path_normalise(str_n(long_name, LIMIT_PATH), &out, &flags), 0);
	assert_int_equal(path_normalise(str_of(long_name), &out, &flags), ERR_LIMIT);
	free(long_name);
	buf_done(&out);
}

static void
test_parts_and_targets(void **state)
{
	struct buf out;

	(void)state;
	assert_true(str_eqz(path_base(str_of("a/b/c")), "c"));
	assert_true(str_eqz(path_base(str_of("c")), "c"));
	assert_true(str_eqz(path_dir(str_of("a/b/c")), "a/b"));
	assert_true(str_eqz(path_dir(str_of("c")), ""));
	buf_init(&out, LIMIT_PATH);
	assert_int_equal(path_resolve(str_of("etc"), str_of("../usr/lib/os-release"), &out), 0);
	assert_true(str_eqz(buf_view(&out), "usr/lib/os-release"));
	assert_int_equal(path_resolve(str_of("var/lib"), str_of("/x/./y"), &out), 0);
	assert_true(str_eqz(buf_view(&out), "x/y"));
	assert_int_equal(path_resolve(str_of("a"), str_of("../../../b"), &out), 0);
	assert_true(str_eqz(buf_view(&out), "b"));
	buf_done(&out);
}

/* The paper's appendix A: key 00..0f, input 00..0e. */
static void
test_siphash_of_the_paper(void **state)
{
	uint8_t key[SIPHASH_KEY], in[15];

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)i;
	for (unsigned i = 0; i < 15; i++)
		in[i] = (uint8_t)i;
	assert_true(siphash(key, str_n(in, 15)) == 0xa129ca6149be45e5);
	assert_true(siphash(key, str_n(in, 0)) == 0x726fdb47dd0e0e31);
	assert_true(siphash(key, str_n(in, 8)) == 0x93f5f5799a932462);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_of_paths),
		cmocka_unit_test(test_parts_and_targets),
		cmocka_unit_test(test_siphash_of_the_paper),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

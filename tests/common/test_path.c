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

/* However a text is cut, and asked in between. */
static void
test_siphash_in_pieces(void **state)
{
	static const uint8_t key[SIPHASH_KEY] = { 1, 2, 3 };
	const struct str text = STR_LIT("usr/lib/python3/dist-packages/x.py");
	struct siphash s;

	(void)state;
	for (size_t i = 0; i <= text.n; i++)
		for (size_t k = i; k <= text.n; k++) {
			siphash_begin(&s, key);
			siphash_add(&s, str_sub(text, 0, i));
			assert_true(siphash_end(&s) ==
			    siphash(key, str_sub(text, 0, i)));
			siphash_add(&s, str_sub(text, i, k));
			siphash_add(&s, str_sub(text, k, text.n));
			assert_true(siphash_end(&s) == siphash(key, text));
		}
}

static void
test_folders_above(void **state)
{
	static const uint8_t key[SIPHASH_KEY] = { 7 };
	static const char *const want[] = { "usr", "usr/lib", "usr/lib/x" };
	struct siphash hash;
	struct str folder;
	size_t n = 0, i = 0;

	(void)state;
	siphash_begin(&hash, key);
	for (; path_next_folder(str_of("usr/lib/x"), &n, &hash, &folder); i++) {
		assert_true(i < 3 && str_eqz(folder, want[i]));
		assert_true(siphash_end(&hash) == siphash(key, folder));
	}
	assert_int_equal(i, 3);
	n = 0;
	assert_false(path_next_folder(str_of(""), &n, &hash, &folder));
}

/* Links that are followed: each with its target. */
static bool
target_of(void *arg, struct str path, uint64_t hash, struct str *ret)
{
	const char *const (*t)[2] = arg;
	static const uint8_t key[SIPHASH_KEY] = { 7 };

	assert_true(hash == siphash(key, path));
	for (; (*t)[0] != NULL; t++)
		if (str_eqz(path, (*t)[0])) {
			*ret = str_of((*t)[1]);
			return (true);
		}
	return (false);
}

static void
test_following_links(void **state)
{
	static const uint8_t key[SIPHASH_KEY] = { 7 };
	static const char *const links[][2] = { { "lib", "usr/lib" },
	    { "usr/lib/x", "../../etc/./x" }, { "abs", "/lib/x" },
	    { "loop", "loop" }, { "up", "../../../up2/.." }, { NULL, NULL } };
	static const struct { const char *path, *last, *itself; } t[] = {
		{ "lib/x/y", "etc/x/y", "etc/x/y" },
		{ "abs", "etc/x", "abs" }, { "/a//b/../c", "a/c", "a/c" },
		{ "up/z", "z", "z" }, { "../..", "", "" },
	};
	struct path_links follow = { target_of, (void *)(uintptr_t)links, key };
	struct buf out, deep;

	(void)state;
	buf_init(&out, 2 * LIMIT_PATH);
	buf_init(&deep, 4 * LIMIT_PATH);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(path_follow(&follow, str_of(t[i].path), true,
		    &out), 0);
		assert_true(str_eqz(buf_view(&out), t[i].last));
		assert_int_equal(path_follow(&follow, str_of(t[i].path), false,
		    &out), 0);
		assert_true(str_eqz(buf_view(&out), t[i].itself));
	}
	assert_int_equal(path_follow(&follow, str_of("loop"), true, &out),
	    ERR_LIMIT);
	for (size_t i = 0; i < LIMIT_PATH; i++)
		assert_int_equal(buf_str(&deep, str_of("a/")), 0);
	assert_int_equal(path_follow(&follow, str_sub(buf_view(&deep), 0,
	    LIMIT_PATH), true, &out), 0);
	assert_int_equal(path_follow(&follow, buf_view(&deep), true, &out),
	    ERR_LIMIT);
	buf_done(&out);
	buf_done(&deep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_of_paths),
		cmocka_unit_test(test_parts_and_targets),
		cmocka_unit_test(test_siphash_of_the_paper),
		cmocka_unit_test(test_siphash_in_pieces),
		cmocka_unit_test(test_folders_above),
		cmocka_unit_test(test_following_links),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

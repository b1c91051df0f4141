/* The base of common/: strings, text, buffers, cursors, pools, msgpack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/buf.h"
#include "common/cur.h"
#include "common/err.h"
#include "common/pack.h"
#include "common/pool.h"
#include "common/text.h"

static void
test_text_escape_shows_every_byte_that_is_not_text(void **state)
{
	static const struct {
		struct str in;
		const char *want;
	} t[] = {
		{ STR_LIT("plain"), "plain" },
		{ STR_LIT("caf\xc3\xa9"), "caf\xc3\xa9" },
		{ STR_LIT("a\tb\nc"), "a\\x09b\\x0ac" },
		{ STR_LIT("\xff\xc3"), "\\xff\\xc3" },
		{ STR_LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
		{ STR_LIT("\xc0\xaf"), "\\xc0\\xaf" },
		{ STR_LIT("nul\0x"), "nul\\x00x" },
		/* what turns text around or steers a terminal */
		{ STR_LIT("a\xe2\x80\xae" "b"), "a\\xe2\\x80\\xaeb" },
		{ STR_LIT("a\xe2\x81\xa6" "b"), "a\\xe2\\x81\\xa6b" },
		{ STR_LIT("\xd8\x9c"), "\\xd8\\x9c" },
		{ STR_LIT("\xc2\x9b" "2J"), "\\xc2\\x9b2J" },
		{ STR_LIT("\xc2\xa0\xe2\x80\x94"), "\xc2\xa0\xe2\x80\x94" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		text_escape(t[i].in, out, sizeof(out));
		assert_string_equal(out, t[i].want);
	}
	text_escape(str_of("ab\xc3\xa9"), out, 4);
	assert_string_equal(out, "ab");
}

static void
test_buf_refuses_to_pass_its_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_add(&b, "12345678", 8), 0);
	assert_int_equal(buf_add(&b, "123", 3), ERR_LIMIT);
	assert_int_equal(b.n, 8);
	assert_int_equal(buf_add(&b, "90", 2), 0);
	assert_true(str_eqz(buf_view(&b), "1234567890"));
	buf_done(&b);
}

static void
test_cur_moves_nothing_when_too_few_bytes_are_left(void **state)
{
	static const uint8_t in[] = { 1, 2, 3 };
	struct cur c = cur_of(in, sizeof(in)), sub;
	uint32_t v32;
	uint16_t v16;

	(void)state;
	assert_false(cur_u32be(&c, &v32));
	assert_int_equal(cur_left(&c), 3);
	assert_false(cur_take(&c, SIZE_MAX, &sub));
	assert_true(cur_u16le(&c, &v16));
	assert_int_equal(v16, 0x0201);
	assert_int_equal(cur_left(&c), 1);
}

static void
test_pool_keeps_its_ceiling_and_its_strings(void **state)
{
	struct pool *p = pool_new(100000);
	struct str a, b;

	(void)state;
	assert_int_equal(pool_str(p, str_of("hello"), &a), 0);
	assert_non_null(pool_alloc(p, 50000));
	assert_int_equal(pool_str(p, str_of("world"), &b), 0);
	assert_null(pool_alloc(p, 60000));
	assert_null(pool_alloc(p, SIZE_MAX));
	assert_true(str_eqz(a, "hello"));
	assert_true(str_eqz(b, "world"));
	pool_free(p);
}

static void
test_pack_round_trips_and_survives_every_cut(void **state)
{
	struct buf b;
	struct cur c;
	uint32_t n;
	uint64_t u;
	int64_t i;
	struct str s;
	bool t;

	(void)state;
	buf_init(&b, 4096);
	assert_int_equal(pack_array(&b, 5), 0);
	assert_int_equal(pack_u64(&b, UINT64_MAX), 0);
	assert_int_equal(pack_i64(&b, -70000), 0);
	assert_int_equal(pack_str(&b, str_of("text")), 0);
	assert_int_equal(pack_bool(&b, true), 0);
	assert_int_equal(pack_array(&b, 0), 0);
	c = cur_of(b.p, b.n);
	assert_true(unpack_array(&c, &n) && n == 5);
	assert_true(unpack_u64(&c, &u) && u == UINT64_MAX);
	assert_true(unpack_i64(&c, &i) && i == -70000);
	assert_true(unpack_str(&c, &s) && str_eqz(s, "text"));
	assert_true(unpack_bool(&c, &t) && t);
	assert_true(unpack_skip(&c, 1));
	assert_int_equal(cur_left(&c), 0);
	for (size_t cut = 0; cut < b.n; cut++) {
		c = cur_of(b.p, cut);
		assert_false(unpack_skip(&c, 1));
		assert_int_equal(cur_left(&c), cut);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_escape_shows_every_byte_that_is_not_text),
		cmocka_unit_test(test_buf_refuses_to_pass_its_ceiling),
		cmocka_unit_test(test_cur_moves_nothing_when_too_few_bytes_are_left),
		cmocka_unit_test(test_pool_keeps_its_ceiling_and_its_strings),
		cmocka_unit_test(test_pack_round_trips_and_survives_every_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

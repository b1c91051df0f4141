/* Universal Mach-O files: their slices come whole and once, however the file is
 * cut into pieces and whatever its table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/format/fat.h"

static void
u32be(struct buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		assert_int_equal(buf_byte(b, (uint8_t)(v >> shift)), 0);
}

/* A file with a table of the ${n} slices, 400 bytes long: each is its offset. */
static struct buf
file(const struct fat_slice *slice, size_t n, bool wide, uint32_t count)
{
	struct buf b;

	buf_init(&b, 4096);
	u32be(&b, wide ? 0xcafebabf : 0xcafebabe);
	u32be(&b, count);
	for (size_t i = 0; i < n; i++) {
		u32be(&b, 7);
		u32be(&b, 3);
		if (wide)
			u32be(&b, (uint32_t)(slice[i].offset >> 32));
		u32be(&b, (uint32_t)slice[i].offset);
		if (wide)
			u32be(&b, (uint32_t)(slice[i].size >> 32));
		u32be(&b, (uint32_t)slice[i].size);
		u32be(&b, 4);
		if (wide)
			u32be(&b, 0);
	}
	while (b.n < 400)
		assert_int_equal(buf_byte(&b, (uint8_t)b.n), 0);
	return (b);
}

/* "FROM+BYTES " of each slice; the bytes must be those that stand there. */
static struct buf
slices_of(struct str s, size_t piece, int *error)
{
	struct fat f = { .n = 0 };
	struct fat_bytes b;
	struct buf out;
	struct cur c;
	struct str all = s;
	size_t from = 0, n = 0;
	bool open = false, last = false;

	buf_init(&out, 4096);
	while (!last) {
		c = cur_str(str_sub(s, 0, piece));
		s = str_sub(s, piece, s.n);
		last = s.n == 0;
		while (fat_next(&f, &c, last, &b)) {
			assert_int_equal(b.begins, !open);
			if (b.begins) {
				from = (size_t)f.at - b.s.n;
				n = 0;
			}
			assert_true(str_eq(b.s, str_sub(all, from + n,
			    from + n + b.s.n)));
			n += b.s.n;
			open = !b.ends;
			if (b.ends)
				assert_int_equal(buf_printf(&out, "%zu+%zu ",
				    from, n), 0);
		}
		assert_int_equal(cur_left(&c), 0);
	}
	assert_false(open);
	*error = f.error;
	fat_done(&f);
	return (out);
}

static void
expect(struct str s, const char *want, int error)
{
	static const size_t pieces[] = { 1, 7, 8, 9, 100, 1000 };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		int got_error;
		struct buf got = slices_of(s, pieces[i], &got_error);

		if (!str_eqz(buf_view(&got), want) || got_error != error)
			fail_msg("in pieces of %zu: %.*s (%d), want %s", pieces[i],
			    STR_ARG(buf_view(&got)), got_error, want);
		buf_done(&got);
	}
}

static void
test_slices(void **state)
{
	static const struct {
		struct fat_slice slice[3];
		size_t n;
		uint32_t count;
		const char *want;
		int error;
	} t[] = {
		{ { { 128, 100 }, { 256, 144 } }, 2, 2, "128+100 256+144 ", 0 },
		{ { { 300, 10 }, { 128, 20 } }, 2, 2, "128+20 300+10 ", 0 },
		{ { { 128, 20 }, { 148, 20 } }, 2, 2, "128+20 148+20 ", 0 },
		{ { { 128, 0 }, { 200, 20 } }, 2, 2, "200+20 ", 0 },
		/* liars */
		{ { { 128, 100 }, { 130, 200 } }, 2, 2, "128+100 ", ERR_MALFORMED },
		{ { { 0, 400 } }, 1, 1, "", ERR_MALFORMED },
		{ { { 300, 200 } }, 1, 1, "300+100 ", ERR_MALFORMED },
		{ { { 500, 200 } }, 1, 1, "", ERR_MALFORMED },
		{ { { 128, UINT32_MAX }, { 256, UINT32_MAX } }, 2, 2,
		    "128+272 ", ERR_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (int wide = 0; wide < 2; wide++) {
			struct buf b = file(t[i].slice, t[i].n, wide, t[i].count);

			expect(buf_view(&b), t[i].want, t[i].error);
			buf_done(&b);
		}
}

static void
test_offsets_of_64_bits(void **state)
{
	static const struct fat_slice s[] = { { 128, 10 },
	    { UINT64_C(1) << 40, 10 }, { UINT64_MAX - 1, UINT64_MAX } };
	struct buf b = file(s, 3, true, 3);

	(void)state;
	expect(buf_view(&b), "128+10 ", ERR_MALFORMED);
	buf_done(&b);
}

static void
test_other_files_are_one_slice(void **state)
{
	struct buf class = file(NULL, 0, false, 52);

	(void)state;
	expect(buf_view(&class), "0+400 ", 0);
	expect(str_of("\xcf\xfa\xed\xfe and more"), "0+13 ", 0);
	expect(str_of("\xcf\xfa"), "0+2 ", 0);
	expect(str_n("\xca\xfe\xba\xbe\0\0\0", 7), "0+7 ", 0);
	buf_done(&class);
}

static void
test_table_that_is_cut_off(void **state)
{
	static const struct fat_slice s[] = { { 100, 10 }, { 200, 10 } };
	struct buf b = file(s, 2, false, 3);

	(void)state;
	expect(str_sub(buf_view(&b), 0, 60), "", ERR_MALFORMED);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_offsets_of_64_bits),
		cmocka_unit_test(test_other_files_are_one_slice),
		cmocka_unit_test(test_table_that_is_cut_off),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

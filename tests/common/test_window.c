/* Every position once, with what is around it, however a file is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/window.h"

#define FILE_BYTES 5000

static uint8_t file[FILE_BYTES];

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/* ${seen} positions so far are right; how many after ${t}. */
static size_t
check(const struct stretch *t, size_t seen, size_t n)
{
	size_t begin = (size_t)t->at + t->from, end = (size_t)t->at + t->to;

	assert_int_equal(begin, seen);
	assert_true(t->to > t->from && t->to <= t->s.n);
	assert_memory_equal(t->s.p, file + t->at, t->s.n);
	assert_true(t->from >= least(begin, WINDOW_BEFORE));
	assert_true(t->s.n - t->to >= least(n - end, WINDOW_AFTER));
	return (end);
}

static void
cut_into(size_t n, size_t piece, bool grows, bool last_is_empty)
{
	struct window w = { .n = 0 };
	struct stretch t;
	size_t at = 0, seen = 0;
	struct str p;

	while (at < n || last_is_empty) {
		bool last = last_is_empty ? at == n : at + piece >= n;

		p = str_n(file + at, least(piece, n - at));
		while (window_next(&w, p, last, &t))
			seen = check(&t, seen, n);
		at += p.n;
		if (last)
			break;
		piece = grows ? piece * 3 % 2003 + 1 : piece;
	}
	assert_int_equal(seen, n);
}

static void
test_every_position_once(void **state)
{
	static const size_t sizes[] = { 1, 2, 127, 128, 129, 383, 384, 385, 511,
	    512, 513, 1000, 1024, 1025, 4999, 5000 };

	(void)state;
	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t piece = 1; piece <= 1100; piece += piece < 8 ? 1 : 61) {
			cut_into(sizes[i], piece, false, false);
			cut_into(sizes[i], piece, false, true);
			cut_into(sizes[i], piece, true, false);
		}
}

static void
test_clip_and_find(void **state)
{
	const struct stretch all = { str_of("..ab.ab.ab.."), 100, 2, 10 };
	struct stretch t;

	(void)state;
	assert_int_equal(stretch_find(&all, 2, "ab", 2), 2);
	assert_int_equal(stretch_find(&all, 3, "ab", 2), 5);
	assert_int_equal(stretch_find(&all, 9, "b.", 2), 9);	/* reaches out */
	assert_int_equal(stretch_find(&all, 10, "..", 2), 10);
	assert_int_equal(stretch_find(&all, 2, "zz", 2), 10);
	t = stretch_clip(all, 0, UINT64_MAX);
	assert_true(t.from == 2 && t.to == 10);
	t = stretch_clip(all, 105, 2);
	assert_true(t.from == 5 && t.to == 7);
	t = stretch_clip(all, 0, 50);
	assert_true(t.from == t.to);
	t = stretch_clip(all, 200, UINT64_MAX);
	assert_true(t.from == t.to);
	t = stretch_clip(all, 104, UINT64_MAX - 1);
	assert_true(t.from == 4 && t.to == 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_position_once),
		cmocka_unit_test(test_clip_and_find),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Against comparing every text at every place: the same finds in the same order.
 * Stretches below 34 bytes, and the ends of all, are searched without AVX2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/mem.h"
#include "common/multisearch.h"

static uint64_t seed = 20261126;

static size_t
below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return ((size_t)(seed >> 11) % n);
}

static void
fill(char *p, size_t n, const char *letters)
{
	for (size_t i = 0; i < n; i++)
		p[i] = letters != NULL ? letters[below(strlen(letters))] :
		    (char)below(256);
}

static bool
stands(const struct multisearch *m, const struct stretch *t, size_t i, size_t k)
{
	return (str_eq(str_sub(t->s, i, i + m->text[k].n), m->text[k]));
}

/* How many finds there were. */
static size_t
same_as_naive(const struct multisearch *m, const struct stretch *t)
{
	struct multisearch_find f = { .at = t->from };
	size_t n = 0;

	for (size_t i = t->from; i < t->to; i++)
		for (size_t k = 0; k < m->n; k++) {
			if (!stands(m, t, i, k))
				continue;
			assert_true(multisearch_next(m, t, &f));
			assert_int_equal(f.at, i);
			assert_int_equal(f.text, k);
			n++;
		}
	assert_false(multisearch_next(m, t, &f));
	assert_false(multisearch_next(m, t, &f));
	return (n);
}

/* Texts of the letters, some of them cut out of the bytes they are looked for in. */
static void
random_texts(struct multisearch *m, char (*room)[40], struct str from,
    const char *letters)
{
	size_t n = below(MULTISEARCH_TEXTS) + 1;

	*m = (struct multisearch) { .n = 0 };
	for (size_t k = 0; k < n; k++) {
		size_t len = below(below(3) == 0 ? 39 : 6) + 1;

		fill(room[k], len, letters);
		if (from.n > len && below(2) == 0)
			memcpy(room[k], from.p + below(from.n - len), len);
		multisearch_add(m, str_n(room[k], len));
	}
}

static void
test_random(void **state)
{
	static const char *const letters[] = { NULL, "a", "ab", "abc",
	    "0123456789.", "etaoinshr " };
	char room[MULTISEARCH_TEXTS][40];
	struct multisearch m;
	size_t finds = 0;

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		const char *l = letters[i % 6];
		size_t n = below(i % 10 == 0 ? 3000 : 120) + 1;
		/* its own block: ASan sees what reads behind it */
		char *p = mem_alloc(n);
		struct stretch t = { str_n(p, n), 0, below(n), n };

		t.to = t.from + below(n - t.from) + 1;
		fill(p, n, l);
		random_texts(&m, room, t.s, l);
		finds += same_as_naive(&m, &t);
		free(p);
	}
	assert_true(finds > 100000);
}

/* Every place of one text in blocks of 32, and one byte off. */
static void
test_every_place(void **state)
{
	static const char *const texts[] = { "x", "xy", "xyz", "libcurl/",
	    "SSH-2.0-libssh2_" };
	char p[140];

	(void)state;
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		struct str text = str_of(texts[k]);
		struct multisearch m = { .n = 0 };

		multisearch_add(&m, text);
		for (size_t n = text.n; n <= sizeof(p); n += 7)
			for (size_t at = 0; at + text.n <= n; at++) {
				struct stretch t = { str_n(p, n), 0, 0, n };

				memset(p, '.', n);
				memcpy(p + at, text.p, text.n);
				assert_int_equal(same_as_naive(&m, &t), 1);
				t.to = at > 0 ? at : t.to;	/* behind it */
				assert_int_equal(same_as_naive(&m, &t), at == 0);
				p[at + text.n - 1] ^= 1;
				assert_int_equal(same_as_naive(&m, &t), 0);
			}
	}
}

/* Halves of bytes of several texts together give others, which are none. */
static void
test_halves_of_several(void **state)
{
	struct multisearch m = { .n = 0 };
	char text[16][3], p[4096];
	struct stretch t = { str_n(p, sizeof(p)), 0, 0, sizeof(p) };

	(void)state;
	for (size_t k = 0; k < 16; k++) {
		memset(text[k], (int)(k * 17), 3);
		multisearch_add(&m, str_n(text[k], 3));
	}
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (char)(i / 16);
	assert_true(same_as_naive(&m, &t) > 200);
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (char)(i * 17 + i / 256);
	(void)same_as_naive(&m, &t);
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (char)(8 * below(4) + 128 * below(2));
	(void)same_as_naive(&m, &t);
}

static void
test_none(void **state)
{
	const struct multisearch m = { .n = 0 };
	const struct stretch t = { str_of("some text"), 0, 0, 9 };

	(void)state;
	assert_int_equal(same_as_naive(&m, &t), 0);
}

/* A file in pieces gives what it gives at once, texts across their ends too. */
static void
test_pieces(void **state)
{
	static const char *const texts[] = { "OpenSSL ", "OpenSSL 3", "enS", "l" };
	struct multisearch m = { .n = 0 };
	struct multisearch_find f;
	struct window w;
	struct stretch t;
	size_t n = 9000, finds, all;
	char *file = mem_alloc(n);
	bool more;

	(void)state;
	for (size_t k = 0; k < 4; k++)
		multisearch_add(&m, str_of(texts[k]));
	memset(file, '.', n);
	for (size_t i = 0; i + 9 <= n; i += 9 + i % 13)
		memcpy(file + i, i % 2 ? "OpenSSL 3" : "OpenSSL 1", 9);
	t = (struct stretch) { str_n(file, n), 0, 0, n };
	all = same_as_naive(&m, &t);
	for (size_t piece = 1; piece < 3000; piece += piece < 40 ? 1 : 97) {
		w = (struct window) { .n = 0 };
		finds = 0;
		for (size_t at = 0; at < n; at += piece) {
			more = at + piece < n;
			while (window_next(&w, str_sub(str_n(file, n), at,
			    at + piece), !more, &t))
				for (f = (struct multisearch_find) { .at =
				    t.from }; multisearch_next(&m, &t, &f);
				    finds++)
					assert_memory_equal(file + t.at + f.at,
					    m.text[f.text].p, m.text[f.text].n);
		}
		assert_int_equal(finds, all);
	}
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_every_place),
		cmocka_unit_test(test_halves_of_several),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_pieces),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

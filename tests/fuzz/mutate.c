/*
 * The mutator: no knowledge of coverage, only of the samples.  Every case is a
 * pure function of (seed, target, number), so any of them can be run again
 * alone.
 */
#include <stdlib.h>
#include "common/mem.h"
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX 4096
#define CHANGES_MAX 8

uint64_t
fuzz_draw(struct fuzz_random *r, uint64_t below)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return ((z ^ (z >> 31)) % below);
}

static bool
in_word(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.');
}

static int
by_bytes(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return (str_cmp(*x, *y));
}

void
fuzz_words_of(const struct fuzz_seeds *s, struct fuzz_words *w)
{
	size_t end, n = 0;

	*w = (struct fuzz_words) { mem_array(WORDS_MAX, sizeof(*w->v)), 0 };
	for (size_t i = 0; i < s->n; i++)
		for (size_t at = 0; at < s->v[i].n && w->n < WORDS_MAX; at = end + 1) {
			for (end = at; end < s->v[i].n && in_word(s->v[i].p[end]); end++)
				;
			if (end - at >= 2 && end - at <= 40)
				w->v[w->n++] = str_sub(s->v[i], at, end);
		}
	qsort(w->v, w->n, sizeof(*w->v), by_bytes);
	for (size_t i = 0; i < w->n; i++)
		if (n == 0 || !str_eq(w->v[n - 1], w->v[i]))
			w->v[n++] = w->v[i];
	w->n = n;
}

void
fuzz_words_done(struct fuzz_words *w)
{
	free(w->v);
	w->v = NULL;
}

/* The input while it is changed. */
struct work {
	struct fuzz_random *r;
	uint8_t *p;
	size_t n;
};

static size_t
draw(struct work *w, size_t below)
{
	return ((size_t)fuzz_draw(w->r, below));
}

/* Lengths: mostly short ones. */
static size_t
draw_length(struct work *w, size_t max)
{
	size_t bits = 1 + draw(w, 12), n = 1 + draw(w, (size_t)1 << bits);

	return (n < max ? n : max);
}

static void
put_in(struct work *w, size_t at, const void *p, size_t n)
{
	if (n > FUZZ_INPUT - w->n)
		n = FUZZ_INPUT - w->n;
	memmove(w->p + at + n, w->p + at, w->n - at);
	memcpy(w->p + at, p, n);
	w->n += n;
}

static void
put_over(struct work *w, size_t at, const void *p, size_t n)
{
	if (n > w->n - at)
		n = w->n - at;
	memmove(w->p + at, p, n);
}

static void
put(struct work *w, size_t at, const void *p, size_t n)
{
	if (draw(w, 2) == 0)
		put_in(w, at, p, n);
	else
		put_over(w, at, p, n);
}

static void
take_out(struct work *w, size_t at, size_t n)
{
	memmove(w->p + at, w->p + at + n, w->n - at - n);
	w->n -= n;
}

/* An integer at an edge, 1 to 8 bytes, either end first. */
static void
put_integer(struct work *w, size_t at)
{
	static const uint64_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff,
	    0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
	    0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	    0xffffffffffffffff };
	uint64_t v = edges[draw(w, sizeof(edges) / sizeof(edges[0]))];
	size_t n = (size_t)1 << draw(w, 4);
	bool big = draw(w, 2) == 0;
	uint8_t b[8];

	v += draw(w, 5);
	v -= 2;
	for (size_t i = 0; i < n; i++)
		b[big ? n - 1 - i : i] = (uint8_t)(v >> (8 * i));
	put_over(w, at, b, n);
}

/* Digits, in place of those that stand there. */
static void
put_number(struct work *w, size_t at)
{
	static const char *const edges[] = { "0", "-1", "1", "00", "2147483648",
	    "4294967296", "9223372036854775807", "9223372036854775808",
	    "18446744073709551615", "18446744073709551616",
	    "99999999999999999999999999", "1e999", "0x7", "1.5", "77777777777" };
	const char *e = edges[draw(w, sizeof(edges) / sizeof(edges[0]))];
	size_t end = at;

	while (at < w->n && (w->p[at] < '0' || w->p[at] > '9'))
		at++;
	for (end = at; end < w->n && w->p[end] >= '0' && w->p[end] <= '9'; end++)
		;
	take_out(w, at, end - at);
	put_in(w, at, e, strlen(e));
}

/* One of the bytes that formats give a meaning to. */
static void
put_special(struct work *w, size_t at)
{
	static const char special[] = "\0\n\r\t\"\\{}[]:,;/=<>'~+-. \177\200\377";
	uint8_t b[64];
	size_t n = draw(w, 8) == 0 ? 1 + draw(w, sizeof(b)) : 1;

	memset(b, special[draw(w, sizeof(special) - 1)], sizeof(b));
	put(w, at, b, n);
}

static void
change(struct work *w, const struct fuzz_seeds *seeds,
    const struct fuzz_words *words)
{
	size_t at = draw(w, w->n + 1), from, n;
	struct str s;
	uint8_t *copy;

	switch (draw(w, 13)) {
	case 0:
		if (at < w->n)
			w->p[at] ^= (uint8_t)(1u << draw(w, 8));
		break;
	case 1:
		if (at < w->n)
			w->p[at] = (uint8_t)draw(w, 256);
		break;
	case 2:
		put_integer(w, at);
		break;
	case 3:
		put_number(w, at);
		break;
	case 4:
		put_special(w, at);
		break;
	case 5:
		take_out(w, at, draw_length(w, w->n - at));
		break;
	case 6:		/* a block of itself, elsewhere or again */
	case 7:
		from = draw(w, w->n + 1);
		n = draw_length(w, w->n - from);
		copy = mem_alloc(n);
		memcpy(copy, w->p + from, n);
		put(w, at, copy, n);
		free(copy);
		break;
	case 8:		/* a piece of another seed */
		s = seeds->v[draw(w, seeds->n)];
		from = draw(w, s.n + 1);
		n = draw_length(w, s.n - from);
		put(w, at, s.p + from, n);
		break;
	case 9:		/* all the rest of another seed */
		s = seeds->v[draw(w, seeds->n)];
		from = draw(w, s.n + 1);
		w->n = at;
		put_in(w, at, s.p + from, s.n - from);
		break;
	case 10:
	case 11:
		if (words->n != 0) {
			s = words->v[draw(w, words->n)];
			put(w, at, s.p, s.n);
		}
		break;
	default:	/* cut, rarely, since it ends most stories */
		if (draw(w, 4) == 0)
			w->n = at;
		break;
	}
}

size_t
fuzz_mutate(struct fuzz_random *r, const struct fuzz_seeds *seeds,
    const struct fuzz_words *words, uint8_t *buf)
{
	struct work w = { .r = r, .p = buf };
	struct str s = seeds->v[draw(&w, seeds->n)];

	memcpy(buf, s.p, s.n);
	w.n = s.n;
	for (size_t left = 1 + draw(&w, CHANGES_MAX); left > 0; left--)
		change(&w, seeds, words);
	return (w.n);
}

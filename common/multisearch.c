/*
 * Three table look-ups tell of a place which texts may begin there, and only
 * those are compared.  Where the processor has AVX2, places that cannot be one
 * are passed over 32 at a time: tables for the halves of a byte are small enough
 * for its shuffle ("Teddy", of Intel's Hyperscan).
 */
#include <assert.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif
#include "multisearch.h"

#define FIRST MULTISEARCH_FIRST

void
multisearch_add(struct multisearch *m, struct str text)
{
	uint8_t bit = (uint8_t)(1u << m->n % 8);

	assert(m->n < MULTISEARCH_TEXTS && text.n > 0 &&
	    text.n <= WINDOW_AFTER);
	m->text[m->n++] = text;
	for (size_t i = 0; i < FIRST; i++) {
		for (size_t c = 0; i >= text.n && c < 256; c++) {
			m->byte[i][c] |= bit;
			m->half[i][0][c & 15] |= bit;
			m->half[i][1][c >> 4] |= bit;
		}
		if (i < text.n) {
			uint8_t c = (uint8_t)text.p[i];

			m->byte[i][c] |= bit;
			m->half[i][0][c & 15] |= bit;
			m->half[i][1][c >> 4] |= bit;
		}
	}
}

/* Bits of the texts that may begin at ${i}. */
static unsigned
may_begin(const struct multisearch *m, struct str s, size_t i)
{
	const uint8_t *p = (const uint8_t *)s.p;

	if (s.n - i < FIRST)
		return (0xff);
	return (m->byte[0][p[i]] & m->byte[1][p[i + 1]] &
	    m->byte[2][p[i + 2]]);
}

#ifdef __x86_64__
/* The first place in [i, to) where the halves of the bytes let a text begin, or
 * one before the end of ${s} from which on they cannot be looked at. */
__attribute__((target("avx2")))
static size_t
pass_over(const struct multisearch *m, struct str s, size_t i, size_t to)
{
	const __m256i low = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
	__m256i half[FIRST][2];

	for (size_t k = 0; k < FIRST; k++)
		for (size_t h = 0; h < 2; h++)
			half[k][h] = _mm256_broadcastsi128_si256(
			    _mm_loadu_si128((const void *)m->half[k][h]));
	for (; i < to && s.n - i >= 32 + FIRST - 1; i += 32) {
		__m256i may = _mm256_set1_epi8(-1), v;
		unsigned none;

		for (size_t k = 0; k < FIRST; k++) {
			v = _mm256_loadu_si256((const void *)(s.p + i + k));
			may = _mm256_and_si256(may, _mm256_and_si256(
			    _mm256_shuffle_epi8(half[k][0],
			    _mm256_and_si256(v, low)),
			    _mm256_shuffle_epi8(half[k][1], _mm256_and_si256(
			    _mm256_srli_epi16(v, 4), low))));
		}
		none = (unsigned)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(may, zero));
		if (none != UINT32_MAX)
			return (i + (size_t)__builtin_ctz(~none));
	}
	return (i);
}
#endif

/* The first place in [i, to) where a text may begin, or one behind. */
static size_t
candidate(const struct multisearch *m, struct str s, size_t i, size_t to)
{
#ifdef __x86_64__
	bool fast = __builtin_cpu_supports("avx2");

	while (fast && i < to && s.n - i >= 32 + FIRST - 1 &&
	    (i = pass_over(m, s, i, to)) < to && may_begin(m, s, i) == 0)
		i++;
	if (fast && i < to && s.n - i >= 32 + FIRST - 1)
		return (i);
#endif
	while (i < to && may_begin(m, s, i) == 0)
		i++;
	return (i);
}

bool
multisearch_next(const struct multisearch *m, const struct stretch *t,
    struct multisearch_find *f)
{
	size_t i = f->at, k = f->next;
	unsigned may;

	for (; m->n > 0; i++, k = 0) {
		if (k == 0)
			i = candidate(m, t->s, i, t->to);
		if (i >= t->to)
			break;
		may = may_begin(m, t->s, i);
		for (; k < m->n; k++) {
			struct str text = m->text[k];

			if ((may >> k % 8 & 1) == 0 || t->s.n - i < text.n ||
			    memcmp(t->s.p + i, text.p, text.n) != 0)
				continue;
			*f = (struct multisearch_find) { i, k, k + 1 };
			return (true);
		}
	}
	*f = (struct multisearch_find) { .at = t->to };
	return (false);
}

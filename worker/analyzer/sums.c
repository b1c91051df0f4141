/* See sums.h. */
#include <stdlib.h>
#include "common/base64.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "sums.h"

#define SUM 8

struct sums {
	struct digest *of[DIGEST_KINDS];
};

struct sums *
sums_new(void)
{
	struct sums *s = mem_alloc(sizeof(*s));

	for (int i = 0; i < DIGEST_KINDS; i++)
		s->of[i] = digest_new_of((enum digest_kind)i);
	return (s);
}

void
sums_add(struct sums *s, struct str piece)
{
	for (int i = 0; i < DIGEST_KINDS; i++)
		digest_add(s->of[i], piece.p, piece.n);
}

void
sums_end(struct sums *s, uint8_t ret[SUMS_BYTES])
{
	uint8_t sum[DIGEST_BYTES];

	for (int i = 0; i < DIGEST_KINDS; i++) {
		digest_end(s->of[i], sum);
		memcpy(ret + SUM * i, sum, SUM);
		digest_free(s->of[i]);
	}
	free(s);
}

void
sums_of(struct str content, uint8_t ret[SUMS_BYTES])
{
	struct sums *s = sums_new();

	sums_add(s, content);
	sums_end(s, ret);
}

/* -------------------------------------------------------------- listed -- */

struct listed_sum {
	uint64_t hash;
	uint8_t sum[SUM];	/* zeros = not known */
};

void
listed_done(struct listed_sums *l)
{
	free(l->v);
	*l = (struct listed_sums) { 0 };
}

/* The bytes of ${s}; zeros where it is no digest of a kind that is known. */
static void
digest_text(struct str s, uint8_t ret[SUM])
{
	uint8_t b[DIGEST_BYTES] = { 0 };
	size_t n;

	memset(ret, 0, SUM);
	if (str_starts(s, "Q1") ? base64_read(str_sub(s, 2, s.n), b, sizeof(b),
	    &n) && n == 20 : (s.n == 32 || s.n == 40 || s.n == 64) &&
	    digest_hex(s, b, s.n / 2))
		memcpy(ret, b, SUM);
}

void
listed_add(struct listed_sums *l, uint64_t hash, struct str digest)
{
	if (l->n == LIMIT_LISTED_SUMS)
		return;
	if ((l->n & (l->n - 1)) == 0)	/* grows at powers of two */
		l->v = mem_realloc(l->v, l->n == 0 ? 1 : l->n * 2,
		    sizeof(*l->v));
	l->v[l->n].hash = hash;
	digest_text(digest, l->v[l->n++].sum);
	l->sorted = false;
}

static int
sum_cmp(const void *a, const void *b)
{
	const struct listed_sum *x = a, *y = b;

	return (x->hash < y->hash ? -1 : x->hash > y->hash);
}

/* The first of that hash or above, or their number. */
static size_t
first_of(const struct listed_sums *l, uint64_t hash)
{
	size_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (l->v[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static bool
fits(const struct listed_sum *s, const uint8_t sums[SUMS_BYTES])
{
	static const uint8_t unknown[SUM];

	for (size_t i = 0; i < SUMS_BYTES; i += SUM)
		if (memcmp(s->sum, sums + i, SUM) == 0)
			return (true);
	return (memcmp(s->sum, unknown, SUM) == 0);
}

bool
listed_differs(struct listed_sums *l, uint64_t hash, const uint8_t sums[SUMS_BYTES])
{
	size_t i;

	if (!l->sorted && l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), sum_cmp);
	l->sorted = true;
	if ((i = first_of(l, hash)) == l->n || l->v[i].hash != hash)
		return (false);
	for (; i < l->n && l->v[i].hash == hash; i++)
		if (fits(&l->v[i], sums))
			return (false);
	return (true);
}

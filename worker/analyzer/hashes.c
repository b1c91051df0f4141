/*
 * Sorting is radix exchange by the top bit downwards with a stack of at most 64
 * halves: qsort(3) asks the system for its memory size, which the parser's
 * system call filter forbids.  Keyed hashes are evenly spread, whoever made the
 * paths.
 */
#include <stdlib.h>
#include "common/mem.h"
#include "hashes.h"

void
hashes_init(struct hashes *h, size_t max)
{
	*h = (struct hashes) { .max = max };
}

void
hashes_done(struct hashes *h)
{
	free(h->v);
	*h = (struct hashes) { .max = h->max };
}

int
hashes_add(struct hashes *h, uint64_t x)
{
	if (h->n == h->cap) {
		if (h->n >= h->max)
			return (ERR_LIMIT);
		/* By half, not double: 3 million paths are 24 MB, and this is
		 * what a parser's memory is made of. */
		h->cap = h->cap < 1024 ? 1024 : h->cap + h->cap / 2;
		h->cap = h->cap < h->max ? h->cap : h->max;
		h->v = mem_realloc(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = x;
	return (0);
}

/* Zeros of ${bit} before ones in [lo, hi); where the ones begin. */
static size_t
partition(uint64_t *v, size_t lo, size_t hi, int bit)
{
	uint64_t x;

	while (lo < hi) {
		if ((v[lo] >> bit & 1) == 0) {
			lo++;
		} else {
			hi--;
			x = v[lo];
			v[lo] = v[hi];
			v[hi] = x;
		}
	}
	return (lo);
}

static void
insertion(uint64_t *v, size_t lo, size_t hi)
{
	for (size_t i = lo + 1; i < hi; i++) {
		uint64_t x = v[i];
		size_t k = i;

		for (; k > lo && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

void
hashes_sort(struct hashes *h)
{
	struct { size_t lo, hi; int bit; } stack[65], s;
	size_t top = 0, mid, kept = 0;

	if (h->n == 0)
		return;
	stack[top].lo = 0;
	stack[top].hi = h->n;
	stack[top++].bit = 63;
	while (top > 0) {
		s = stack[--top];
		if (s.hi - s.lo <= 16) {
			insertion(h->v, s.lo, s.hi);
			continue;
		}
		mid = partition(h->v, s.lo, s.hi, s.bit);
		if (s.bit-- == 0)
			continue;
		/* Each level leaves one half behind and goes on in the other:
		 * as many entries as there are bits. */
		stack[top].lo = s.lo;
		stack[top].hi = mid;
		stack[top++].bit = s.bit;
		stack[top].lo = mid;
		stack[top].hi = s.hi;
		stack[top++].bit = s.bit;
	}
	for (size_t i = 0; i < h->n; i++)
		if (kept == 0 || h->v[i] != h->v[kept - 1])
			h->v[kept++] = h->v[i];
	h->duplicates += h->n - kept;
	h->n = kept;
}

size_t
hashes_find(const struct hashes *h, uint64_t x)
{
	size_t lo = 0, hi = h->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (h->v[mid] < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo < h->n && h->v[lo] == x ? lo : h->n);
}

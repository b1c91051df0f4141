/* Arena of chained blocks. */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include "mem.h"
#include "pool.h"

#define BLOCK ((size_t)16 << 10)

struct block {
	struct block *next;
	size_t n, cap;
	alignas(max_align_t) unsigned char data[];
};

struct pool {
	struct block *head;
	size_t used, max;
};

struct pool *
pool_new(size_t max)
{
	struct pool *p = mem_alloc(sizeof(*p));

	p->max = max;
	return (p);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (struct block *b = p->head, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(p);
}

/* ${n} bytes whose address is a multiple of ${align}, a power of two. */
static void *
take(struct pool *p, size_t n, size_t align)
{
	struct block *b = p->head;
	size_t at = b != NULL ? (b->n + align - 1) & ~(align - 1) : 0, cap;

	if (n > p->max - p->used)
		return (NULL);
	if (b == NULL || at > b->cap || n > b->cap - at) {
		cap = n > BLOCK / 4 ? n : BLOCK;
		b = mem_alloc(sizeof(*b) + cap);
		b->cap = cap;
		at = 0;
		if (cap == n && p->head != NULL) {
			/* a large piece: keep filling the current block */
			b->next = p->head->next;
			p->head->next = b;
		} else {
			b->next = p->head;
			p->head = b;
		}
	}
	b->n = at + n;
	p->used += n;
	return (b->data + at);
}

void *
pool_alloc(struct pool *p, size_t n)
{
	size_t a = alignof(max_align_t);

	/* gaps before it count, too */
	return (n > SIZE_MAX - a ? NULL : take(p, (n + a - 1) & ~(a - 1), a));
}

int
pool_str(struct pool *p, struct str s, struct str *ret)
{
	char *c;

	if (s.n >= p->max || (c = take(p, s.n + 1, 1)) == NULL)
		return (ERR_LIMIT);
	if (s.n != 0)
		memcpy(c, s.p, s.n);
	*ret = str_n(c, s.n);
	return (0);
}

size_t
pool_used(const struct pool *p)
{
	return (p->used);
}

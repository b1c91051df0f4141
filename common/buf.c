/* Bounded growing buffer. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "buf.h"
#include "mem.h"

void
buf_init(struct buf *b, size_t max)
{
	assert(max > 0);
	*b = (struct buf) { .max = max };
}

void
buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf) { .max = b->max };
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : 256;

	assert(b->max > 0);
	if (n > b->max - b->n)
		return (NULL);
	if (b->n + n > b->cap) {
		while (cap < b->n + n)
			cap = cap > b->max / 2 ? b->max : cap * 2;
		b->p = mem_realloc(b->p, cap, 1);
		b->cap = cap;
	}
	return (b->p + b->n);
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if (n == 0)
		return (0);
	if ((to = buf_room(b, n)) == NULL)
		return (ERR_LIMIT);
	memcpy(to, p, n);
	b->n += n;
	return (0);
}

int
buf_str(struct buf *b, struct str s)
{
	return (buf_add(b, s.p, s.n));
}

int
buf_byte(struct buf *b, uint8_t c)
{
	return (buf_add(b, &c, 1));
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int n, rc;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		_exit(EXIT_NO_MEMORY);
	rc = buf_add(b, s, (size_t)n);
	free(s);
	return (rc);
}

struct str
buf_view(const struct buf *b)
{
	return (str_n(b->p, b->n));
}

/*
 * A growing byte buffer that cannot be made without a ceiling.  Adding past it
 * fails with ERR_LIMIT and leaves the buffer as it was.
 */
#ifndef BUF_H
#define BUF_H

#include <stdint.h>
#include "err.h"

struct buf {
	uint8_t *p;
	size_t n;	/* bytes in use */
	size_t cap;	/* bytes allocated */
	size_t max;	/* ceiling */
};

void buf_init(struct buf *, size_t max);
void buf_done(struct buf *);		/* usable again after buf_init */
void buf_clear(struct buf *);		/* keeps memory and ceiling */
MUST_CHECK int buf_add(struct buf *, const void *p, size_t n);
MUST_CHECK int buf_str(struct buf *, struct str);
MUST_CHECK int buf_byte(struct buf *, uint8_t);
MUST_CHECK int buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);
/* Make room for ${n} more bytes and return where they go; commit with
 * buf->n += used.  NULL when that would pass the ceiling. */
MUST_CHECK uint8_t *buf_room(struct buf *, size_t n);
/* The content as a str, valid until the next change. */
struct str buf_view(const struct buf *);

#endif

/*
 * A read position in memory owned by someone else.  Reading never passes end.
 * Getters return false, and move nothing, when too few bytes are left.  The
 * only place with pointer arithmetic over untrusted bytes.
 */
#ifndef CUR_H
#define CUR_H

#include "err.h"

struct cur {
	const uint8_t *p;	/* next unread byte */
	const uint8_t *end;	/* one past the last */
};

static inline struct cur
cur_of(const void *p, size_t n)
{
	const uint8_t *b = p;

	return ((struct cur) { b, b != NULL ? b + n : b });
}

static inline struct cur
cur_str(struct str s)
{
	return (cur_of(s.p, s.n));
}

size_t cur_left(const struct cur *);
MUST_CHECK bool cur_u8(struct cur *, uint8_t *ret);
MUST_CHECK bool cur_u16be(struct cur *, uint16_t *ret);
MUST_CHECK bool cur_u32be(struct cur *, uint32_t *ret);
MUST_CHECK bool cur_u64be(struct cur *, uint64_t *ret);
MUST_CHECK bool cur_u16le(struct cur *, uint16_t *ret);
MUST_CHECK bool cur_u32le(struct cur *, uint32_t *ret);
MUST_CHECK bool cur_u64le(struct cur *, uint64_t *ret);
MUST_CHECK bool cur_skip(struct cur *, size_t n);
MUST_CHECK bool cur_take(struct cur *, size_t n, struct cur *ret);
MUST_CHECK bool cur_take_str(struct cur *, size_t n, struct str *ret);
/* The next line without its LF (or CRLF); the last one may lack it.  False at
 * the end. */
MUST_CHECK bool cur_line(struct cur *, struct str *ret);
/* Everything that is left, without moving. */
struct str cur_rest(const struct cur *);

#endif

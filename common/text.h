/* UTF-8 checks and the one escaping of foreign bytes for people's eyes. */
#ifndef TEXT_H
#define TEXT_H

#include "pool.h"
#include "str.h"

/* Length (1..4) of the valid UTF-8 sequence at ${p}, 0 when it is none.
 * Surrogates, overlong forms and code points above 10FFFF are none. */
size_t text_utf8_len(const unsigned char *p, size_t left);
bool text_is_utf8(struct str);

/**
 * text_escape(s, out, size):
 * Copy ${s} to ${out}, control characters, marks that turn the direction of
 * text around and bytes outside UTF-8 as \xHH, a backslash as itself; cut at a whole character when ${size} is too small and
 * always NUL-terminate.  Return the bytes written without the NUL.  ${size}
 * must not be 0.
 */
size_t text_escape(struct str s, char *out, size_t size);

/* The first ${max} bytes of ${s}, escaped, in ${pool}: text that a database
 * takes.  Empty when the pool is full. */
struct str text_clean(struct pool *, struct str s, size_t max);

#endif

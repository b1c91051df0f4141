/*
 * Numbers of any length inside versions, as their decimal digits.  Shared by
 * the schemes; values beyond 64 bits occur (dates glued to times and hashes).
 */
#ifndef VERSION_NUM_H
#define VERSION_NUM_H

#include "buf.h"

/* Take the longest run of digits from the front of *${s}; may be empty. */
struct str version_num_take(struct str *s);
/* The same number without its leading zeros; 0 is the empty string. */
struct str version_num_strip(struct str digits);
/* -1, 0, 1; "" is 0, leading zeros do not count. */
int version_num_cmp(struct str a, struct str b);
/**
 * version_num_key(ret, digits):
 * Append one byte with the count of digits, then the digits without leading
 * zeros: length first makes numeric order bytewise order.  254 or more digits
 * are announced by 0xFE and a 16 bit count, so that no key begins with 0xFF,
 * which means "no upper end".  Return 0 or ERR_LIMIT.
 */
int version_num_key(struct buf *ret, struct str digits);
/**
 * version_num_key_small(ret, digits, base, nsmall):
 * The compact form: values below ${nsmall} are the byte ${base} + value, others
 * the byte ${base} + ${nsmall} + (n - 1) and n big endian bytes (n = 1..8),
 * beyond 64 bits ${base} + ${nsmall} + 8, two bytes length and the digits.
 */
int version_num_key_small(struct buf *ret, struct str digits, uint8_t base,
    uint8_t nsmall);

static inline bool
version_is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

#endif

/* base64 (RFC 4648 section 4) of short texts: keys, signatures, names of files. */
#ifndef BASE64_H
#define BASE64_H

#include "err.h"
#include "str.h"

/* Characters that ${n} bytes have, padding included. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* The bytes of ${s}, whose padding may be missing: *${n} of at most ${room}.  False when
 * it is no base64 or has more. */
MUST_CHECK bool base64_read(struct str s, uint8_t *ret, size_t room, size_t *n);

#endif

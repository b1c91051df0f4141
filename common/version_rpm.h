/*
 * rpm's order of one string, which version and release are compared by.
 * Source: rpm's rpmvercmp() as observed; see rpm-version(7).
 */
#ifndef VERSION_RPM_H
#define VERSION_RPM_H

#include "buf.h"

/* -1, 0, 1.  Never fails: bytes that are no letter, digit, ~ or ^ separate. */
int version_rpm_cmp(struct str a, struct str b);
/* Append the key; 0 or ERR_LIMIT.  One string's key may be followed by the next
 * one's: every key ends in a byte that is lower than any continuation. */
int version_rpm_key(struct str s, struct buf *ret);

#endif

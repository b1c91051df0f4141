/*
 * Version ranges as VEX documents write them, "vers:npm/>=1.0|<2.0".  Followed:
 * VERS (package-url/vers-spec), "How to parse"; CSAF 2.0, section 3.1.2.2, which
 * also allows the constraints alone (">=1.0|<2.0", its vls).
 */
#ifndef VERS_H
#define VERS_H

#include "common/advisory.h"
#include "common/pool.h"

/**
 * vers_read(text, type, ecosystem, pool, ret, n):
 * Set *${ret} to the *${n} ranges that ${text} covers among the versions of
 * ${ecosystem}; ${type} is the purl type of what it is said of.  The expression's
 * own type must be that, or one without an order of its own (generic, intdot, all,
 * none), or semver where that is the order.  Memory of the pool.  Return 0,
 * ERR_MALFORMED when it is no such expression (free text, one whose constraints
 * contradict each other), ERR_UNSUPPORTED when it speaks of versions that
 * ${ecosystem} does not order, or ERR_LIMIT.
 */
int vers_read(struct str text, struct str type, struct str ecosystem,
    struct pool *, struct advisory_range **ret, size_t *n);

#endif

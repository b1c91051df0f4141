/* An advisory and a package asked in the ways besides match_decide() that have to
 * agree with it.  What fails here fails the cmocka test. */
#ifndef TESTS_MATCH_WAYS_H
#define TESTS_MATCH_WAYS_H

#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/match.h"

/* The one advisory of ${document}, written and read again; its texts live in the
 * pool. */
struct advisory match_ways_advisory(const struct feed_importer *,
    struct str document, struct pool *);
/* Do the rows meet by which SQL finds candidates? */
bool match_ways_rows(const struct match_package *, const struct advisory *,
    struct pool *);
/* Does the offline index find it?  Then *${fixed} (may be NULL) is the version that
 * it names, in the pool. */
bool match_ways_index(const struct match_package *, const struct advisory *,
    struct pool *, struct str *fixed);

#endif

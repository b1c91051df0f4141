/* Between match_keys.c (by what a package is found) and match.c (what is said of it). */
#ifndef MATCH_PARTS_H
#define MATCH_PARTS_H

#include "coordinator/matcher/match.h"
#include "common/version.h"

/* Copy what ${b} holds into the pool and empty it. */
MUST_CHECK int match_keep(struct buf *b, struct pool *, struct str *ret);
/* Append the key of ${v}, or of the bare text when no order knows it. */
MUST_CHECK int match_text_key(const struct version_scheme *, struct str v,
    struct buf *ret);
/* What follows the epoch of ${v}, all of one without. */
struct str match_without_epoch(struct str v);

#endif

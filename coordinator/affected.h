/* The key ranges of advisories as rows of table affected, column by column. */
#ifndef AFFECTED_H
#define AFFECTED_H

#include "common/advisory.h"
#include "vec.h"

struct affected {
	struct pool *pool;	/* of the texts; the caller's */
	struct vec documents;	/* number or id, as given to affected_add() */
	struct vec entries;
	struct vec binaries;	/* 1: the name is a binary package's, by which those
				   are found (match_has_binary_name()) */
	struct str *namespaces, *names, *lo, *hi;
	size_t n, cap;
};
/* What is stored or compared at once: a batch ends above this many. */
#define AFFECTED_BATCH 50000

/**
 * affected_add(x, document, a, unmatched, matched, d):
 * Append the ranges of all entries of ${a}.  *${unmatched}: entries of which
 * something cannot be ordered or indexed; *${matched}: there is at least one
 * range.  Return 0, or ERR_LIMIT with nothing appended.
 */
int affected_add(struct affected *, int64_t document, const struct advisory *a,
    int64_t *unmatched, bool *matched, struct diag *);
void affected_done(struct affected *);

#endif

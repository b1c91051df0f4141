/*
 * An arena: one per layer, per document, per HTTP request; one free ends it.
 * Has a ceiling like everything that input can fill.
 */
#ifndef POOL_H
#define POOL_H

#include "err.h"

struct pool;

struct pool *pool_new(size_t max);	/* ceiling of the sum of all pieces */
void pool_free(struct pool *);
/* Zeroed memory aligned for any type, or NULL past the ceiling. */
MUST_CHECK void *pool_alloc(struct pool *, size_t n);
/* A copy of ${s} in *${ret}, NUL-terminated behind its end; ERR_LIMIT. */
MUST_CHECK int pool_str(struct pool *, struct str s, struct str *ret);
size_t pool_used(const struct pool *);

#endif

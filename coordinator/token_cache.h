/*
 * Bearer tokens that still have some life, by registry and repository: a layer
 * is one job, and an image's twenty layers need one token, not twenty.  In the
 * memory of the token actor only; never other kinds of credentials.
 */
#ifndef TOKEN_CACHE_H
#define TOKEN_CACHE_H

#include "common/registry.h"

struct token_cache;

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *);	/* wipes */
/* A copy in *${ret} and true, when a token has at least 30 seconds and a fifth
 * of its life left at ${now} (CLOCK_REALTIME seconds). */
bool token_cache_get(const struct token_cache *, int64_t registry,
    const char *repository, int64_t now, struct registry_auth *ret);
/* Keep a copy of a bearer token; the one that ends first makes room. */
void token_cache_put(struct token_cache *, int64_t registry,
    const char *repository, int64_t now, const struct registry_auth *);
/* A registry refused it before its time. */
void token_cache_drop(struct token_cache *, int64_t registry,
    const char *repository);
/* A registry that gave none, and why: for so many seconds it is not asked again,
 * by any job.  All others' tokens wait while it is asked.  Times are those of
 * clock_s(); the failure's code, or 0. */
#define TOKEN_CACHE_FAILED_S 10
void token_cache_put_failure(struct token_cache *, int64_t registry, int64_t now,
    const struct diag *why);
int token_cache_get_failure(const struct token_cache *, int64_t registry,
    int64_t now, struct diag *why);

#endif

/* The token cache: a small table, searched from end to end. */
#include <stdio.h>
#include <stdlib.h>
#include "common/mem.h"
#include "token_cache.h"

/* Repositories read at the same time; more only means asking again. */
#define ENTRIES 256
#define MIN_LEFT_S 30
/* Registries that fail at the same time; more only means asking again. */
#define FAILURES 64

struct entry {
	int64_t registry;
	char repository[300];
	struct registry_auth auth;	/* value NULL = free */
	int64_t from;
};

struct failure {
	int64_t registry;
	int64_t until;		/* 0 = free */
	struct diag why;
};

struct token_cache {
	struct entry v[ENTRIES];
	struct failure failures[FAILURES];
};

struct token_cache *
token_cache_new(void)
{
	return (mem_alloc(sizeof(struct token_cache)));
}

void
token_cache_free(struct token_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		registry_auth_done(&c->v[i].auth);
	free(c);
}

static size_t
find(const struct token_cache *c, int64_t registry, const char *repository)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (c->v[i].auth.value != NULL &&
		    c->v[i].registry == registry &&
		    strcmp(c->v[i].repository, repository) == 0)
			break;
	return (i);
}

bool
token_cache_get(const struct token_cache *c, int64_t registry,
    const char *repository, int64_t now, struct registry_auth *ret)
{
	size_t i = find(c, registry, repository);
	const struct entry *e = &c->v[i < ENTRIES ? i : 0];
	int64_t left = e->auth.expires_at - now;

	/* a clock that was set back makes every age wrong: ask again */
	if (i == ENTRIES || now < e->from || left < MIN_LEFT_S ||
	    left < (e->auth.expires_at - e->from) / 5)
		return (false);
	*ret = e->auth;
	ret->value = mem_strndup(str_of(e->auth.value));
	return (true);
}

void
token_cache_drop(struct token_cache *c, int64_t registry,
    const char *repository)
{
	size_t i = find(c, registry, repository);

	if (i < ENTRIES)
		registry_auth_done(&c->v[i].auth);
}

void
token_cache_put(struct token_cache *c, int64_t registry,
    const char *repository, int64_t now, const struct registry_auth *a)
{
	struct entry *e = &c->v[0];

	if (a->kind != REGISTRY_BEARER || strlen(repository) >=
	    sizeof(e->repository))
		return;
	token_cache_drop(c, registry, repository);
	for (size_t i = 1; i < ENTRIES && e->auth.value != NULL; i++)
		if (c->v[i].auth.value == NULL ||
		    c->v[i].auth.expires_at < e->auth.expires_at)
			e = &c->v[i];
	registry_auth_done(&e->auth);
	e->registry = registry;
	snprintf(e->repository, sizeof(e->repository), "%s", repository);
	e->auth = *a;
	e->auth.value = mem_strndup(str_of(a->value));
	e->from = now;
}

void
token_cache_put_failure(struct token_cache *c, int64_t registry, int64_t now,
    const struct diag *why)
{
	struct failure *f = &c->failures[0];

	for (size_t i = 0; i < FAILURES; i++)
		if (c->failures[i].until < f->until)
			f = &c->failures[i];
	for (size_t i = 0; i < FAILURES; i++)
		if (c->failures[i].registry == registry)
			f = &c->failures[i];
	*f = (struct failure) { registry, now + TOKEN_CACHE_FAILED_S, *why };
}

int
token_cache_get_failure(const struct token_cache *c, int64_t registry,
    int64_t now, struct diag *why)
{
	for (size_t i = 0; i < FAILURES; i++)
		if (c->failures[i].registry == registry &&
		    c->failures[i].until > now) {
			*why = c->failures[i].why;
			return (why->code);
		}
	return (0);
}

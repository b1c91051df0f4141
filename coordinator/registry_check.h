/* Ask a registry, now, whether the farm can read it with what it was given. */
#ifndef REGISTRY_CHECK_H
#define REGISTRY_CHECK_H

#include "common/proc.h"
#include "db.h"

struct registry_check {
	/* "ok", "temporary" (not reached, or it asks to come later), "denied"
	 * (credentials, TLS) or "not_a_registry" */
	const char *state;
	const char *auth;	/* "anonymous", "basic", "bearer"; "" = not known */
	char message[DIAG_TEXT];	/* what is wrong, and what to do */
};

/**
 * registry_check(db, readers, registry, ret, d):
 * GET /v2/ of the registry, with a token where it asks for one, and the first
 * page of its catalog (distribution-spec "Determining support").  What it says
 * is *${ret}; ERR_TEMPORARY or ERR_NOT_FOUND when we do not know the registry.
 */
int registry_check(struct db *, struct launcher *readers, int64_t registry,
    struct registry_check *ret, struct diag *);

#endif

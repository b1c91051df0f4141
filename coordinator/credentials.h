/* A registry's credentials: read from their file when needed, wiped after. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "common/registry.h"
#include "db.h"

/* Fill *${ret}; its texts are owned until credentials_done.  ERR_DENIED when the
 * password file cannot be read, saying which. */
int credentials_load(struct db *, int64_t registry, struct registry_credentials *ret,
    struct diag *);
/* Can the password file be read, and does it hold something?  ERR_DENIED if not,
 * naming the user who has to be able to. */
int credentials_check(const char *path, struct diag *);
void credentials_done(struct registry_credentials *);

#endif

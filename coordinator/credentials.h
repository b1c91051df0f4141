/* A registry's credentials: read from their file when needed, wiped after. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "common/registry.h"
#include "db.h"

/* Fill *${ret}; its texts are owned until credentials_done.  ERR_DENIED when the
 * password file cannot be read, saying which. */
int credentials_load(struct db *, int64_t registry, struct registry_credentials *ret,
    struct diag *);
/* What a file is in messages. */
#define CREDENTIALS_PASSWORD "the registry's password file"
/* The content of ${path} without its last line ends, in *${ret} for
 * credentials_wipe(); ERR_DENIED when it cannot be read or is empty, naming the user
 * who has to be able to. */
int credentials_read(const char *what, const char *path, struct str *ret,
    struct diag *);
void credentials_wipe(struct str *);
/* Could it be read?  Return as credentials_read. */
int credentials_check(const char *what, const char *path, struct diag *);
void credentials_done(struct registry_credentials *);

#endif

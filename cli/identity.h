/* Whom a farm runs as. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "common/err.h"

/**
 * identity_take(dir, d):
 * As root: give root's rights up for good, because PostgreSQL refuses them and
 * nothing else here needs them.  The farm becomes the owner of its data
 * directory ${dir}, which exists; one that is root's and empty is given to the
 * system user `scanfarm` where the machine has one, else to PostgreSQL's
 * `postgres`.  Everybody else stays who they are.  ERR_DENIED says what to do;
 * the directory is then not usable, whoever we are by now.
 */
int identity_take(const char *dir, struct diag *);
/* Who we are, for messages. */
const char *identity_name(void);

#endif

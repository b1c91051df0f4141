/* pom.xml, Maven's project description: what the project calls itself. */
#ifndef POM_H
#define POM_H

#include "common/pool.h"
#include "maven_name.h"

/**
 * pom_read(c, pool, ret, d):
 * Group, artifact and version of the project, the first and last from its
 * parent when it has none itself, ${properties} of the file replaced.  Texts
 * that cannot be told are empty.  0, ERR_UNSUPPORTED (a DOCTYPE) or ERR_LIMIT
 * (the pool).
 */
int pom_read(struct cur c, struct pool *, struct maven_id *ret, struct diag *d);

#endif

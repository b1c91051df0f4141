/* The rows by which packages are found: match_package_keys() of each, stored. */
#ifndef PACKAGE_KEYS_H
#define PACKAGE_KEYS_H

#include "coordinator/matcher/match.h"
#include "vec.h"

/**
 * package_keys_insert(db, ids, p, d):
 * Insert the keys of packages ${p}[0..ids->n), which have none; ${ids} are theirs.
 * Return 0, ERR_LIMIT or as db_query().
 */
int package_keys_insert(struct db *, const struct vec *ids,
    const struct match_package *p, struct diag *);

/**
 * package_keys_renew(db, ids, d):
 * Of packages ${ids} those whose keys are made by other rules now (a migration says
 * so: package.keyed) get new ones.  Return 0, ERR_LIMIT or as db_query().
 */
int package_keys_renew(struct db *, const struct vec *ids, struct diag *);

#endif

/* Packages put into a farm's tables as apply_store() writes them, without images. */
#ifndef TESTS_FARM_PACKAGES_H
#define TESTS_FARM_PACKAGES_H

#include "coordinator/db.h"
#include "coordinator/matcher/match.h"

/* Insert ${p}, each once, unmatched; keys come with farm_packages_keys(). */
int farm_packages_insert(struct db *, const struct match_package *p, size_t n,
    struct diag *);
/* The keys of all packages, which must have none yet. */
int farm_packages_keys(struct db *, struct diag *);

#endif

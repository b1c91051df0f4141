/* Counters charged as input is used, each against its ceiling. */
#ifndef BUDGET_H
#define BUDGET_H

#include "err.h"

enum budget_kind {
	BUDGET_ENTRIES,		/* of a tar */
	BUDGET_INVENTORY,	/* encoded rows */
	BUDGET_TREE,		/* encoded tree facts */
	BUDGET_PACKAGES,
	BUDGET_KINDS
};

struct budget {
	uint64_t used[BUDGET_KINDS];
	uint64_t max[BUDGET_KINDS];
};

/* Add ${n}; ERR_LIMIT with ${d} naming the budget, and nothing added, when that
 * would pass its ceiling. */
MUST_CHECK int budget_charge(struct budget *, enum budget_kind, uint64_t n,
    struct diag *d);

#endif

/* See budget.h. */
#include "budget.h"

static const char *const words[BUDGET_KINDS] = {
	[BUDGET_ENTRIES] = "entries",
	[BUDGET_INVENTORY] = "bytes of inventory",
	[BUDGET_TREE] = "bytes of tree facts",
	[BUDGET_PACKAGES] = "packages",
};

int
budget_charge(struct budget *b, enum budget_kind k, uint64_t n, struct diag *d)
{
	if (n > b->max[k] - b->used[k])
		return (diag_set(d, ERR_LIMIT, 0, "more than %llu %s",
		    (unsigned long long)b->max[k], words[k]));
	b->used[k] += n;
	return (0);
}

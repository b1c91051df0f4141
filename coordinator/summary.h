/*
 * Counts that follow from findings: of package sets, and of the repositories
 * whose images have these sets.  Changes of findings arrive as differences, so
 * that their cost does not depend on how much is unchanged.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "vec.h"

/* A finding came (before = -1), went (after = -1) or changed its cell. */
struct summary_change {
	int64_t package;
	int before, after;	/* policy_cell() */
};

/**
 * summary_findings(db, changes, n, sets, whys, d):
 * Count ${changes}.  ${sets} gets the sets that hold what the policy refuses
 * since, or do so no more, ${whys} the number of the first change behind each.
 */
int summary_findings(struct db *, const struct summary_change *, size_t n,
    struct vec *sets, struct vec *whys, struct diag *);
/**
 * summary_exploited(db, packages, vulnerabilities, whys_in, sets, whys, d):
 * Findings of those pairs changed in any way: does what holds the packages hold
 * something that is known to be exploited?  As summary_findings, after it.
 */
int summary_exploited(struct db *, const struct vec *packages,
    const struct vec *vulnerabilities, const struct vec *whys_in,
    struct vec *sets, struct vec *whys, struct diag *);
/* The same for sets of which it is known that they may: rows (set, number);
 * ${whys} are such numbers. */
int summary_exploited_sets(struct db *, const struct db_result *due,
    struct vec *sets, struct vec *whys, struct diag *);
/* Count ${sets} from scratch; ${flipped} gets those as above. */
int summary_sets(struct db *, const struct vec *sets, struct vec *flipped,
    struct diag *);
/* Count repositories whose images changed, at most ${max}.  How many. */
int summary_repositories(struct db *, int max, struct diag *);

#endif

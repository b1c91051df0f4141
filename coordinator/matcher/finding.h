/*
 * A finding: one package, one vulnerability.  Several advisories may say so; a
 * finding keeps the one whose fix is the farthest (after that update none of
 * them applies) and the worst severity any of them gives.
 *
 * Who says that exactly this package is not affected, or fixed, overrules who
 * says it is affected: the finding stays, with that status, and counts for
 * nothing.  Where nobody claims anything a denial makes no finding.
 */
#ifndef FINDING_H
#define FINDING_H

#include "index.h"

struct finding {
	size_t package;
	struct str vulnerability;
	struct str advisory;	/* the deciding one */
	struct str status;
	struct str fixed_version;	/* "" = none known */
	enum severity severity;
	const char *rule;
	bool hidden;		/* all who claim it say so: match.h */
	bool overruled;		/* a claim and a denial were folded */
};

/**
 * finding_merge(namespace, into, more):
 * Fold ${more}, about the same package and vulnerability, into ${into}; versions
 * are compared by the order of ${namespace}.  The result does not depend on the
 * order of merging.
 */
void finding_merge(struct str namespace, struct finding *into,
    const struct finding *more);

/**
 * finding_rule(namespace, by, over):
 * Why ${by} decides over ${over}: "denial" (of exactly this package), "certain"
 * (under investigation is less), "known_fix" (the other has none),
 * "farthest_fix", "first_id" (nothing else tells them apart); NULL when it does
 * not.
 */
const char *finding_rule(struct str namespace, const struct finding *by,
    const struct finding *over);

/* Is it one, after folding?  Not when all it consists of is denials. */
bool finding_counts(const struct finding *);

/**
 * finding_list(x, hits, n, ret_n):
 * The findings of ${hits}, by package and vulnerability; the caller frees the
 * array, texts are those of the index.
 */
struct finding *finding_list(const struct index *x, const struct index_hit *hits,
    size_t n, size_t *ret_n);

#endif

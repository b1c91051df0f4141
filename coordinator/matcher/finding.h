/*
 * A finding: one package, one vulnerability.  Several advisories may say so; a
 * finding keeps the one whose fix is the farthest (after that update none of
 * them applies).  Its severity is that of who rated this package before that of
 * who rated the vulnerability before a computed score, and of equals the worst;
 * what a distribution looked at and found minor is at most medium.  It is hidden
 * when all claims are, or when the one that rates this package is and nobody has a
 * fix: then somebody found it worth one.
 *
 * Who says that exactly this package is not affected, or fixed, overrules who
 * says it is affected: the finding stays, with that status, and counts for
 * nothing.  Where nobody claims anything a denial makes no finding.
 *
 * Of statements with a time (OpenVEX, CSAF) only those of the last time are in force,
 * and of those a denial is not where another is none; what they replace counts for
 * nothing.  A distribution's own documents add up, since each tells of other builds: a
 * denial of theirs is in force only where it is later than all that they claim.
 */
#ifndef FINDING_H
#define FINDING_H

#include "index.h"

/* How bad, and who says so. */
struct finding_rating {
	enum match_rated by;
	enum severity severity;
};

struct finding {
	size_t package;
	struct str vulnerability;
	struct str advisory;	/* the deciding one */
	struct str status;
	struct str fixed_version;	/* "" = none known */
	struct str reason;	/* of the deciding one, in its words, "" = none */
	enum severity severity;	/* after finding_end() */
	enum severity worst;	/* that any of them gives */
	const char *rule;
	int64_t stated;		/* when, see advisory.h; 0 = by a source without such
				   times */
	bool hidden;		/* after finding_end(): match.h */
	bool overruled;		/* a claim and a denial were folded */
	/* of the claims so far */
	struct finding_rating seen, unseen;	/* the hidden ones' */
	bool claimed;		/* one that is not hidden */
	bool fixable;		/* and knows a fix */
	bool minor;		/* one that was looked at and found so */
};

/**
 * finding_merge(namespace, into, more):
 * Fold ${more}, about the same package and vulnerability, into ${into}; versions
 * are compared by the order of ${namespace}.  The result does not depend on the
 * order of merging.
 */
void finding_merge(struct str namespace, struct finding *into,
    const struct finding *more);

/* What is said of one package and vulnerability, being folded; begins as all zero but
 * for its namespace. */
struct finding_fold {
	struct str namespace;
	struct finding others, stated, denial;	/* the distribution's own */
	bool has_others, has_stated, has_denial;
	bool claimed;		/* by a statement, be it replaced */
	int64_t own_claim;	/* when the distribution claimed it last, 0 = never */
};

/**
 * finding_fold_add(x, f), finding_fold_end(x):
 * Fold ${f} in, in any order; the finding that they make, of one at least.
 */
void finding_fold_add(struct finding_fold *, const struct finding *);
struct finding finding_fold_end(const struct finding_fold *);
/* Once all are folded: does ${f}, one of them, count for something? */
bool finding_in_force(const struct finding_fold *, const struct finding *f);

/**
 * finding_rule(namespace, by, over):
 * Why ${by} decides over ${over}: "denial" (of exactly this package), "certain"
 * (under investigation is less), "known_fix" (the other has none),
 * "farthest_fix", "with_reason" (the other gives none), "first_id" (nothing else
 * tells them apart); NULL when it does not.
 */
const char *finding_rule(struct str namespace, const struct finding *by,
    const struct finding *over);

/* The finding of one match, to be merged with others. */
struct finding finding_of_match(size_t package, const struct match_result *);

/* After folding: is it one?  Not when all it consists of is denials.  Its severity
 * and whether it is hidden are settled. */
bool finding_end(struct finding *);

/**
 * finding_fix_state(status, fixed, reason):
 * What is to be expected of a fix: "fixed" (there is one), "will_not_fix",
 * "fix_deferred", "end_of_life" by the vendor's own words, "not_fixed" when
 * nothing is said, "" for a status that needs none.
 */
const char *finding_fix_state(struct str status, struct str fixed,
    struct str reason);

/**
 * finding_list(x, hits, n, ret_n):
 * The findings of ${hits}, by package and vulnerability; the caller frees the
 * array, texts are those of the index.
 */
struct finding *finding_list(const struct index *x, const struct index_hit *hits,
    size_t n, size_t *ret_n);

#endif

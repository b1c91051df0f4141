/*
 * Matching in rows: candidates by a range join, the decision by match_decide(),
 * findings, summaries, verdicts and the ledger.  Everything here runs inside the
 * caller's transaction, behind the fence, in the one matcher of the farm: two
 * transactions that each matched their own side would lose findings.
 */
#ifndef REMATCH_H
#define REMATCH_H

#include "db.h"
#include "coordinator/matcher/alias.h"

struct rematch {
	struct db *db;
	struct alias_classes *classes;	/* of all advisories seen so far */
};

/* Learn the alias classes of all stored advisories; once after start. */
int rematch_load_classes(struct rematch *, struct diag *);
/* Match packages nobody matched, at most ${max}.  Returns how many there were. */
int rematch_packages(struct rematch *, int max, struct diag *);
/* Match advisories that changed, at most ${max}.  Returns how many there were. */
int rematch_advisories(struct rematch *, int max, struct diag *);
/* Summaries of sets and verdicts of states that have none.  Returns how many. */
int rematch_new_states(struct rematch *, int max, struct diag *);
/**
 * rematch_audit(r, ret, d):
 * Recompute all matches and findings from scratch and count in *${ret} the rows
 * that differ from what is stored; must be 0.  Changes nothing.
 */
int rematch_audit(struct rematch *, int64_t *ret, struct diag *);

#endif

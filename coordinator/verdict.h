/*
 * Verdicts of image states, and the ledger of their changes.  The rules are
 * policy.h's: what a policy makes of a finding's cell and of a namespace's
 * coverage is decided there, once each, and stored; states are judged from that
 * by sets, thousands in a statement.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "vec.h"

/* Texts of ${cause} are those of table verdict_ledger. */
struct verdict_list {
	struct vec states;
	struct str *causes, *references;	/* borrowed */
	size_t cap;
};
void verdict_list_add(struct verdict_list *, int64_t state, struct str cause,
    struct str reference);
void verdict_list_done(struct verdict_list *);

/* Judge the states, each at most once in the list. */
int verdict_judge(struct db *, const struct verdict_list *, struct diag *);
/* The same of the rows of ${sql}: state, cause, reference, at most ${max}, its
 * parameter.  How many. */
int verdict_judge_rows(struct db *, const char sql[], int max, struct diag *);
/* Queue them, for sql_rejudge_take. */
int verdict_later(struct db *, const struct verdict_list *, struct diag *);

/**
 * verdict_circumstances(db, d):
 * Decide policy and coverage as of now: an edited policy, a namespace that
 * advisories speak about since, or a feed that is too old since, queues the
 * states that depend on it.  Return how many of these changed.
 */
int verdict_circumstances(struct db *, struct diag *);
/* Is anything to be decided there?  Changes nothing. */
int verdict_circumstances_changed(struct db *, bool *ret, struct diag *);

/* Could everything in ${state} be looked at?  Then only findings decide. */
int verdict_covered(struct db *, int64_t state, bool *ret, struct diag *);

/* The verdict of each case for sql_states_judge and audits: number 4 * fails +
 * 2 * a gap weighs + incomplete. */
#define VERDICT_CASES 8
void verdict_cases(struct str ret[VERDICT_CASES]);

#endif

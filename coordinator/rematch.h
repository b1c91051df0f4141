/*
 * Matching in rows: candidates by a range join, the decision by match_decide(),
 * findings, counts, verdicts and the ledger.  Everything here runs inside the
 * caller's transaction, behind the fence, in the one matcher of the farm: two
 * transactions that each matched their own side would lose findings.
 */
#ifndef REMATCH_H
#define REMATCH_H

#include "coordinator/matcher/match.h"
#include "vec.h"

/* The session's settings that the statements here want; once after connecting. */
int rematch_prepare(struct db *, struct diag *);

/* Match packages nobody matched, at most ${max}.  Returns how many there were. */
int rematch_packages(struct db *, int max, struct diag *);
/* Match advisories that changed, at most ${max}.  Returns how many there were. */
int rematch_advisories(struct db *, int max, struct diag *);

/*
 * The matcher's round: each step is one bounded transaction, in this order, so
 * that a push waits for one batch of an import at most.  A step returns how much
 * it did; when all return 0 nothing is left.
 */
typedef int rematch_step(struct db *, struct diag *);
rematch_step rematch_new;		/* packages nobody matched */
rematch_step rematch_changed;		/* one batch of advisories */
rematch_step rematch_judge;		/* circumstances, sets, states */
rematch_step rematch_repositories;	/* counts that fell behind */

/* The parts, for audits.  Rows of one kind column by column; texts are owned. */
#define REMATCH_INTS 6
#define REMATCH_TEXTS 6
struct rematch_rows {
	struct vec i[REMATCH_INTS];
	struct str *s[REMATCH_TEXTS];
	size_t n, cap;
};
void rematch_rows_done(struct rematch_rows *);

/* The package of a row of sql_candidates_of_* or sql_audit_packages. */
struct match_package rematch_package(const struct db_result *, size_t row);
/* The matches among candidate pairs (rows of sql_candidates_of_*): package,
 * advisory, severity, hidden, who rated it, when stated; status, fixed version, rule, reason. */
int rematch_decide(struct db *, const struct db_result *pairs,
    struct rematch_rows *ret, struct diag *);
/* The findings that matches (rows of sql_matches_of) make: package, vulnerability,
 * deciding advisory, severity, hidden, the worst that any gives; status, fixed
 * version, rule, the advisory's name, reason, fix state. */
void rematch_fold(const struct db_result *matches, struct rematch_rows *ret);

#endif

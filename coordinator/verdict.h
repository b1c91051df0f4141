/* Verdicts of image states, and the ledger of their changes. */
#ifndef VERDICT_H
#define VERDICT_H

#include "db.h"

/* Judge ${state} anew; a changed verdict is noted with ${cause}. */
int verdict_refresh(struct db *, int64_t state, const char *cause,
    const char *reference, struct diag *);
/* Could everything in ${state} be looked at?  Then only findings decide. */
int verdict_covered(struct db *, int64_t state, bool *ret, struct diag *);
/* Judge the states again that were unknown for want of advisories which a feed
 * has now. */
int verdict_refresh_uncovered(struct db *, const char *reference, struct diag *);

#endif

/*
 * What is past goes: history that is too old, what images are made of that no
 * repository has had for long, and layers, states, sets and packages that nothing
 * refers to any more.  How long is said by settings; see sql/README.md.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "db.h"

enum { SWEEP_IMAGES, SWEEP_LAYERS, SWEEP_STATES, SWEEP_SETS, SWEEP_PACKAGES,
	SWEEP_KINDS };

struct sweep {
	int64_t last[SWEEP_KINDS];	/* id looked at; 0 = begin anew */
};

/**
 * sweep_round(db, epoch, s, ret, d):
 * Look at the next some thousand rows of each kind, behind the last ones or from
 * the first again, a transaction each, behind the fence; *${ret} = rows that
 * went.  For the matcher's thread: it alone makes states, sets and packages, and
 * refers to them.  A negative enum err; what was done before it stays done.
 */
int sweep_round(struct db *, int64_t epoch, struct sweep *, uint64_t *ret,
    struct diag *);

#endif

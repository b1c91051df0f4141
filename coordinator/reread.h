/*
 * Layers that workers would read better today are read again.  Each worker says
 * what it reads layers by (wire.h, HELLO); the best that ever came is what the
 * farm reads by, and each layer knows by what it was read.  Those that lag behind
 * are looked at in batches, and get jobs of the lowest priority if something else
 * may be found in them.
 */
#ifndef REREAD_H
#define REREAD_H

#include "common/wire.h"
#include "db.h"

#define REREAD_PRIORITY 20	/* of job: push 0, back-fill 10 */
/* When all are as they should be; what an older worker reads comes later. */
#define REREAD_IDLE_MS 10000

/**
 * reread_hello(db, epoch, h, set, goal, d):
 * Note what a worker reads layers by.  ${set} is its number, 0 = it does not say;
 * ${goal} what the farm reads by now, which may be this set since it came.  In a
 * transaction of its own, behind the fence.  0, or < 0 with ${d} filled.
 */
MUST_CHECK int reread_hello(struct db *, int64_t epoch, const struct wire_hello *h,
    int64_t *set, int64_t *goal, struct diag *d);

/* What the farm reads by now, 0 = nobody knows: an administrator may have taken a
 * rise back. */
MUST_CHECK int reread_goal(struct db *, int64_t *goal, struct diag *d);

/**
 * reread_queue(db, epoch, goal, wait_ms, d):
 * Look at some of the layers that were not read by the set ${goal}, and queue
 * those that it may read better, while few such jobs are open.  ${wait_ms}: there
 * is nothing to do before.  In a transaction of its own, behind the fence.  0, or
 * < 0 with ${d} filled.
 */
MUST_CHECK int reread_queue(struct db *, int64_t epoch, int64_t goal,
    int64_t *wait_ms, struct diag *d);

#endif

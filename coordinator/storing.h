/*
 * Results on their way into the database, in a thread with a connection of its
 * own: a large one takes long, and workers want their heartbeats answered.  One
 * after another, in the order in which they come.
 */
#ifndef STORING_H
#define STORING_H

#include "dispatch.h"

/* One result.  Until it comes back the lease is not the fan-out's to change. */
struct storing {
	struct lease *lease;
	int64_t epoch;
	struct wire_done done;	/* its texts are copies; see storing_new */
	int rc;			/* what came of it: 0, or < 0 with ${d} filled */
	struct diag d;
};

/**
 * storing_new(l, epoch, done) / storing_free(s):
 * The result of ${l} with the texts of ${done} copied.
 */
struct storing *storing_new(struct lease *l, int64_t epoch,
    const struct wire_done *done);
void storing_free(struct storing *);

/* Give ${s} to the actor; take one that is done, waiting for it. */
void storing_send(zsock_t *, struct storing *s);
struct storing *storing_recv(zsock_t *);

/* zactor function; its argument is an open connection, which it closes. */
void storing_actor(zsock_t *pipe, void *db);

/* Run ${store} in a transaction behind the fence of ${epoch}, if the job is still
 * open.  ${done} is passed on to it.  0, or < 0 with ${d} filled. */
typedef int store_fn(struct db *, struct lease *, const struct wire_done *,
    struct diag *);
MUST_CHECK int lease_store(struct db *, int64_t epoch, store_fn *store,
    struct lease *, const struct wire_done *done, struct diag *d);

/* The same, again when a deadlock or a lost connection was in the way.  Whether
 * a commit that got no answer was one, store_open sees. */
MUST_CHECK int lease_store_surely(struct db *, int64_t epoch, store_fn *store,
    struct lease *, const struct wire_done *done, struct diag *d);

#endif

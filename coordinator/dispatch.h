/*
 * What the two halves of the fan-out share, in one thread: fanout.c hears the
 * workers and ends leases, dispatch.c chooses jobs and begins leases.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "common/buf.h"
#include "common/digest.h"
#include "common/wire.h"
#include "coordinator.h"
#include "db.h"
#include "store.h"

#define LEASE_MS 20000
#define WORKER_MS 20000
#define LEASES 1024
#define WORKERS 256

struct worker {
	bool used;
	struct str id;		/* ROUTER identity, malloced */
	char name[257], version[65];
	uint32_t slots, in_flight;
	uint32_t storing;	/* of those in flight: it is done with them */
	int64_t heard_at, probed_at;
	bool gone;		/* its connection has ended */
	int64_t analyzers;	/* the set that it reads layers by; reread.h */
	int64_t jobs, bytes;	/* since the last row */
};

struct lease {
	struct store_job job;	/* job.id 0 = free */
	struct worker *worker;
	uint64_t number;	/* in the order they were given */
	int64_t since, until;
	int64_t registries[WIRE_PLACES];
	uint32_t next_seq;
	struct buf files, tree, document;
	struct digest *digest;
	bool asking;		/* for a token, which is on its way */
	bool stalled;		/* a part was not taken: no memory for it */
	bool storing;		/* its result is on its way into the database */
	bool stored;		/* its result went to the database, whatever
				   came of it there */
};

struct fanout {
	struct coordinator *co;
	zsock_t *router;
	zactor_t *tokens, *storer;
	size_t nstoring;	/* results that the storer has */
	struct db *db;
	int64_t epoch;
	uint8_t sip_key[16];
	struct worker workers[WORKERS];
	struct lease leases[LEASES];
	uint64_t given;		/* leases, ever */
	int64_t owed[LEASES];	/* jobs whose last start is to be taken back; as
				   no lease begins before, there is room */
	size_t nowed;
	struct buf buf;
	int64_t shown_at;
	size_t held;		/* bytes of parts in all leases */
	struct lease *over;	/* the one that may go above the ceiling */
	int64_t goal;		/* the set of analyzers that the farm reads by */
	int64_t reread_at;	/* layers of others are looked at then */
	int64_t crowded;	/* a registry at which others wait for a layer
				   that is read again, 0 = none */
};

/* ------------------------------------------------------------------ fanout.c */

/* Encode ${m} and send it to the worker ${id}.  False when the peer is gone: its
 * connection, and with it its identity. */
bool fanout_send(struct fanout *, struct str id, const struct wire_message *m);

/* The same for a message of type ${type} that only names a job. */
bool fanout_answer(struct fanout *, struct str id, enum wire_type type,
    uint64_t job, uint32_t attempt, uint32_t seq);

/* The worker's connection has ended: its leases run out now. */
void worker_gone(struct fanout *, struct worker *);

/* Free the lease and what is held for it; nothing is stored, and the job is not
 * to blame for it: its start is owed. */
void lease_take_back(struct fanout *, struct lease *);

/* ---------------------------------------------------------------- dispatch.c */

/* Lease ready jobs to workers that have credit, and send them. */
MUST_CHECK int dispatch_ready(struct fanout *, struct diag *d);

/* A job that waits behind a large one is called back when another worker has
 * nothing to do; a layer that is read again is called back, twice at most, when
 * something else waits behind it. */
MUST_CHECK int dispatch_recall(struct fanout *, struct diag *d);

/* Take back the starts that are owed, before any lease begins.  Whoever leads by
 * now: they were counted here. */
MUST_CHECK int dispatch_settle(struct fanout *, struct diag *d);

#endif

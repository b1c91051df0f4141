/*
 * Workers that a test plays, under the fan-out in the same process, and all else
 * that this one needs.
 */
#ifndef TESTS_PLAYED_WORKER_H
#define TESTS_PLAYED_WORKER_H

#include <czmq.h>
#include "common/wire.h"
#include "coordinator/coordinator.h"
#include "coordinator/db.h"

/* For a coordinator: a database_new(), keys in a directory of their own, admission,
 * a leader.  played_done() ends all of it. */
struct db *played_init(struct coordinator *, const char *name);
void played_done(void);

/* A connection that said nothing yet; one whose HELLO was answered, of a worker that
 * reads by these analyzers.  zsock_destroy() ends it as a killed worker's ends. */
zsock_t *played_dial(void);
zsock_t *played_worker(uint32_t slots, const struct wire_analyzer *, uint32_t n);

/* The next message but for signs of life, which must be of this type; while it
 * waits the worker gives some, too.  A time without any fails the test. */
struct wire_ack played_expect(zsock_t *, enum wire_type);

/* There was nothing for this worker: what comes next is the answer to a heartbeat.
 * Everything sent before has been worked in. */
void played_silent(zsock_t *);
void played_part(zsock_t *, struct wire_ack lease, uint32_t seq,
    enum wire_part_kind, struct str bytes);
/* Ask for a token of the lease's first place; the answer is a TOKEN_REPLY. */
void played_ask_token(zsock_t *, struct wire_ack lease);
/* DONE: ${n} parts of ${bytes} each, or a failure. */
void played_end(zsock_t *, struct wire_ack lease, int outcome, uint32_t n,
    struct str bytes);

#endif

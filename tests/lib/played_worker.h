/*
 * Workers that a test plays, under the fan-out in the same process: it needs a
 * database, and a directory for keys and the socket.
 */
#ifndef TESTS_PLAYED_WORKER_H
#define TESTS_PLAYED_WORKER_H

#include <czmq.h>
#include "common/wire.h"
#include "coordinator/coordinator.h"

/* Of a coordinator with this database: keys, admission, a leader; a made directory
 * (its name is kept in ${dir}, a template of mkdtemp), which played_done() removes. */
void played_init(struct coordinator *, char *dir);
void played_done(void);

/* A connection that said nothing yet; one whose HELLO was answered, of a worker that
 * reads by these analyzers.  zsock_destroy() ends it as a killed worker's ends. */
zsock_t *played_dial(void);
zsock_t *played_worker(uint32_t slots, const struct wire_analyzer *, uint32_t n);

/* The next message, whose texts last until the next call; a time without any
 * fails the test, and with played_expect() any other type but signs of life. */
struct wire_message played_receive(zsock_t *);
struct wire_ack played_expect(zsock_t *, enum wire_type);

/* Everything before the answer to a heartbeat, an ACK of job 0, has been worked in. */
void played_heartbeat(zsock_t *);
void played_part(zsock_t *, struct wire_ack lease, uint32_t seq,
    enum wire_part_kind, struct str bytes);
/* DONE: ${n} parts of ${bytes} each, or a failure. */
void played_end(zsock_t *, struct wire_ack lease, int outcome, uint32_t n,
    struct str bytes);

#endif

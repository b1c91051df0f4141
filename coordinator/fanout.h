/* Pieces of the fan-out that live in files of their own. */
#ifndef FANOUT_H
#define FANOUT_H

#include <czmq.h>
#include "common/err.h"
#include "coordinator.h"

/* keys.c: make DATA/curve/ at the first start and admit the worker key. */
int keys_prepare(struct coordinator *, struct diag *);
/* keys.c: a bound CURVE ROUTER; NULL with ${d} filled. */
zsock_t *fanout_bind(struct coordinator *, struct diag *);
/* keys.c: answers ZeroMQ's authentication requests (RFC 27) from table
 * worker_key.  One a process. */
void zap_actor(zsock_t *pipe, void *coordinator);
/* token.c: [identity, job, attempt, place, registry, job row, challenge] in,
 * [identity, encoded TOKEN_REPLY] out. */
void token_actor(zsock_t *pipe, void *coordinator);

#endif

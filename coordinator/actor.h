/* What every actor's loop needs: waiting for its pipe, a wake-up or time. */
#ifndef ACTOR_H
#define ACTOR_H

#include <czmq.h>
#include "db.h"
#include "wake.h"

/* Wait up to ${ms} for the wake-up; false when the actor was told to end. */
bool actor_wait(zsock_t *pipe, enum wake, int ms);
/* Read one message of ${pipe}: true when it says to end. */
bool actor_told_to_end(zsock_t *pipe);
/* Connect, waiting as long as it takes; false when told to end meanwhile. */
bool actor_connect(zsock_t *pipe, const char *conninfo, const char *name,
    struct db **ret);

#endif

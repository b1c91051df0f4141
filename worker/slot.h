/*
 * A slot: one long-lived process with the network, which runs one job at a time
 * and talks wire messages with the link over a socket.
 */
#ifndef SLOT_H
#define SLOT_H

#include <stdbool.h>
#include "common/proc.h"

/* Messages between link and slot are frames of this type, each one wire
 * message: JOB and TOKEN_REPLY to the slot, PART, DONE and TOKEN from it. */
#define SLOT_FRAME 0

/* Run jobs from ${fd} until its end.  Never returns. */
_Noreturn void slot_main(int fd, struct launcher *, bool permissive);

#endif

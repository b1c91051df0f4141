/*
 * One leader among all coordinators of a database.  It holds a session advisory
 * lock and a heartbeat row; its epoch rises durably at each take-over, and stays
 * when only its session was lost and it is first to have the lock again.  Every
 * transaction that writes an outcome calls leader_fence first, so a paused
 * ex-leader changes nothing.
 */
#ifndef LEADER_H
#define LEADER_H

#include "db.h"

/* The epoch this process leads with, 0 = it does not lead.  Any thread. */
int64_t leader_epoch(void);
/* Inside a transaction: lock the leader row FOR KEY SHARE where epoch is
 * ${epoch}.  0, or ERR_DENIED when somebody else leads now: roll back. */
int leader_fence(struct db *, int64_t epoch, struct diag *);

#endif

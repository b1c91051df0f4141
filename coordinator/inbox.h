/*
 * Durable acceptance of webhooks: whatever is waiting is committed together,
 * and only then answered.  A committer that finds the database away answers 503
 * at once; the sender tries again.
 */
#ifndef INBOX_H
#define INBOX_H

#include <stdatomic.h>
#include "coordinator.h"
#include "common/err.h"

#define INBOX_WAITING 1024	/* requests that may wait for a commit */
#define INBOX_WAIT_MS 2000	/* and so long, then they are told to try again */

struct inbox_item {
	int64_t registry;
	char source[64];
	uint8_t dedupe[32];
	struct str body;	/* owned by the request */
	int status;		/* out: 202 or 503 */
	/* called from the committer when status is set */
	void (*done)(void *arg);
	void *arg;
};

/* Commits what inbox_submit hands over. */
void inbox_actor(zsock_t *pipe, void *coordinator);
/* From any thread; false when too many are waiting.  ${item} stays the caller's
 * until done() was called. */
bool inbox_submit(struct inbox_item *item);

#endif

/* The committer of the inbox. */
#include <time.h>
#include "actor.h"
#include "common/limits.h"
#include "common/log.h"
#include "inbox.h"
#include "sql.h"

#define ENDPOINT "inproc://inbox"
#define BATCH 256

static _Atomic int waiting;

bool
inbox_submit(struct inbox_item *item)
{
	static _Thread_local zsock_t *push;

	if (atomic_fetch_add(&waiting, 1) >= INBOX_WAITING) {
		atomic_fetch_sub(&waiting, 1);
		return (false);
	}
	if (push == NULL) {
		push = zsock_new(ZMQ_PUSH);
		zsock_set_sndtimeo(push, 1000);
		zsock_connect(push, ENDPOINT);
	}
	if (zsock_send(push, "p", item) != 0) {
		atomic_fetch_sub(&waiting, 1);
		return (false);
	}
	return (true);
}

static int
commit(struct db *db, struct inbox_item *const *items, size_t n)
{
	int64_t registries[BATCH];
	struct str sources[BATCH], keys[BATCH], bodies[BATCH];
	struct diag d;
	int rc;

	for (size_t i = 0; i < n; i++) {
		registries[i] = items[i]->registry;
		sources[i] = str_of(items[i]->source);
		keys[i] = str_n(items[i]->dedupe, 32);
		bodies[i] = items[i]->body;
	}
	rc = DB_QUERY(db, sql_inbox_insert, NULL, &d, db_ints(registries, n),
	    db_texts(sources, n), db_blobs(keys, n), db_blobs(bodies, n));
	if (rc < 0)
		log_warn("webhooks not accepted", "count", "%zu", n, "reason",
		    "%s", d.text, NULL);
	return (rc);
}

static void
take(struct db *db, zsock_t *pull)
{
	struct inbox_item *items[BATCH];
	size_t n = 0;
	void *p;
	int rc;

	while (n < BATCH && (zsock_events(pull) & ZMQ_POLLIN) != 0 &&
	    zsock_recv(pull, "p", &p) == 0)
		items[n++] = p;
	if (n == 0)
		return;
	rc = db_alive(db) ? commit(db, items, n) : ERR_TEMPORARY;
	for (size_t i = 0; i < n; i++) {
		items[i]->status = rc == 0 ? 202 : 503;
		atomic_fetch_sub(&waiting, 1);
		items[i]->done(items[i]->arg);
	}
	if (rc == 0)
		wake_up(WAKE_INGEST);
}

void
inbox_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	zsock_t *pull = zsock_new(ZMQ_PULL);
	zmq_pollitem_t items[2];
	struct db *db = NULL;

	zsock_set_rcvhwm(pull, 2 * INBOX_WAITING);
	zsock_bind(pull, ENDPOINT);
	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm inbox", &db))
		goto out;
	/* the sender was promised an answer within two seconds */
	(void)db_query0(db, sql_inbox_timeout, NULL, NULL);
	items[0] = (zmq_pollitem_t) { zsock_resolve(pipe), 0, ZMQ_POLLIN, 0 };
	items[1] = (zmq_pollitem_t) { zsock_resolve(pull), 0, ZMQ_POLLIN, 0 };
	while (zmq_poll(items, 2, 1000) >= 0) {
		if (items[1].revents & ZMQ_POLLIN)
			take(db, pull);
		if ((items[0].revents & ZMQ_POLLIN) != 0 &&
		    actor_told_to_end(pipe))
			break;
	}
	take(db, pull);
out:
	db_close(db);
	zsock_destroy(&pull);
}

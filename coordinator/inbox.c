/* The committer of the inbox. */
#include <pthread.h>
#include "actor.h"
#include "common/log.h"
#include "inbox.h"
#include "sql.h"

#define ENDPOINT "inproc://inbox"
#define BATCH 256

static _Atomic int waiting;

static pthread_key_t push_key;

static void
push_end(void *arg)
{
	zsock_t *push = arg;

	zsock_destroy(&push);
}

static void
make_key(void)
{
	pthread_key_create(&push_key, push_end);
}

/* This thread's socket, closed when the thread ends. */
static zsock_t *
push_socket(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	zsock_t *push;

	pthread_once(&once, make_key);
	if ((push = pthread_getspecific(push_key)) == NULL) {
		push = zsock_new(ZMQ_PUSH);
		zsock_set_sndtimeo(push, 1000);
		zsock_connect(push, ENDPOINT);
		pthread_setspecific(push_key, push);
	}
	return (push);
}

bool
inbox_submit(struct inbox_item *item)
{
	if (atomic_fetch_add(&waiting, 1) >= INBOX_WAITING) {
		atomic_fetch_sub(&waiting, 1);
		return (false);
	}
	if (zsock_send(push_socket(), "p", item) != 0) {
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

/* Up to BATCH of what waits. */
static size_t
waiting_items(zsock_t *pull, struct inbox_item *items[BATCH])
{
	size_t n = 0;
	void *p;

	while (n < BATCH && (zsock_events(pull) & ZMQ_POLLIN) != 0 &&
	    zsock_recv(pull, "p", &p) == 0)
		items[n++] = p;
	return (n);
}

static void
answer(struct inbox_item **items, size_t n, int status)
{
	for (size_t i = 0; i < n; i++) {
		items[i]->status = status;
		atomic_fetch_sub(&waiting, 1);
		items[i]->done(items[i]->arg);
	}
}

/* One commit for all that waits.  When it cannot be, those that came meanwhile
 * have waited as long as they were promised to, too. */
static void
take(struct db *db, zsock_t *pull)
{
	struct inbox_item *items[BATCH];
	size_t n = waiting_items(pull, items);

	if (n == 0)
		return;
	if (db_alive(db) && commit(db, items, n) == 0) {
		answer(items, n, 202);
		wake_up(WAKE_INGEST);
		return;
	}
	answer(items, n, 503);
	for (size_t i = 0; i < INBOX_WAITING && n > 0; i += n) {
		n = waiting_items(pull, items);
		answer(items, n, 503);
	}
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
	db_set_deadline(db, INBOX_WAIT_MS);
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

/* See storing.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "leader.h"
#include "storing.h"

#define STORE_TRIES 3
/* Its connection alone may be lost: that is back in a second or two, and what was
 * read need not be read again. */
#define ALIVE_TRIES 30
#define ALIVE_MS 100
/* A result that takes more than others do. */
#define LARGE_RESULT (16 * MIB)

int
lease_store(struct db *db, int64_t epoch, store_fn *store, struct lease *l,
    const struct wire_done *done, struct diag *d)
{
	int rc;

	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = leader_fence(db, epoch, d)) == 0 &&
	    (rc = store_open(db, &l->job, d)) > 0) {
		l->stored = true;
		if ((rc = store(db, l, done, d)) == 0)
			rc = db_commit(db, d);
	}
	db_rollback(db);
	return (rc);
}

int
lease_store_surely(struct db *db, int64_t epoch, store_fn *store,
    struct lease *l, const struct wire_done *done, struct diag *d)
{
	int rc = diag_set(d, ERR_TEMPORARY, 0, "the database is away");

	for (int i = 0; i < STORE_TRIES && rc == ERR_TEMPORARY; i++)
		if (db_alive(db))
			rc = lease_store(db, epoch, store, l, done, d);
	return (rc);
}

static int
store_result(struct db *db, struct lease *l, const struct wire_done *m,
    struct diag *d)
{
	if (m->outcome < 0)
		return (store_failure(db, &l->job, m->outcome, m->reasons,
		    m->retry_after_s, d));
	if (l->job.layer_job)
		return (store_layer(db, &l->job, m, buf_view(&l->files),
		    buf_view(&l->tree), d));
	return (store_document(db, &l->job, buf_view(&l->document), d));
}

static int
store_refused(struct db *db, struct lease *l, const struct wire_done *m,
    struct diag *d)
{
	return (store_failure(db, &l->job, ERR_MALFORMED, m->reasons, 0, d));
}

static void
store(struct db *db, struct storing *s)
{
	struct wire_done refused = s->done;
	struct diag why = { 0 };

	for (int i = 0; i < ALIVE_TRIES && !db_alive(db); i++)
		zclock_sleep(ALIVE_MS);
	s->rc = lease_store_surely(db, s->epoch, store_result, s->lease,
	    &s->done, &s->d);
	if (s->rc == ERR_MALFORMED || s->rc == ERR_LIMIT) {
		/* bytes that no row can hold: the job must not come back for ever */
		why = s->d;
		refused.reasons = str_of(why.text);
		s->rc = lease_store_surely(db, s->epoch, store_refused,
		    s->lease, &refused, &s->d);
	}
	if (s->lease->files.n + s->lease->tree.n > LARGE_RESULT)
		mem_give_back();
	(void)db_alive(db);	/* what it took of libpq's goes back, too */
}

struct storing *
storing_new(struct lease *l, int64_t epoch, const struct wire_done *done)
{
	struct storing *s = mem_alloc(sizeof(*s));

	*s = (struct storing) { .lease = l, .epoch = epoch, .done = *done };
	s->done.reasons = str_n(mem_strndup(done->reasons), done->reasons.n);
	return (s);
}

void
storing_free(struct storing *s)
{
	free((void *)(uintptr_t)s->done.reasons.p);
	free(s);
}

void
storing_send(zsock_t *to, struct storing *s)
{
	zframe_t *f = zframe_new(&s, sizeof(s));

	(void)zframe_send(&f, to, 0);
}

struct storing *
storing_recv(zsock_t *from)
{
	zframe_t *f = zframe_recv(from);
	struct storing *s = NULL;

	/* "$TERM" is shorter than a pointer */
	if (f != NULL && zframe_size(f) == sizeof(s))
		memcpy(&s, zframe_data(f), sizeof(s));
	zframe_destroy(&f);
	return (s);
}

void
storing_actor(zsock_t *pipe, void *arg)
{
	struct db *db = arg;
	struct storing *s;

	zsock_signal(pipe, 0);
	while ((s = storing_recv(pipe)) != NULL) {
		store(db, s);
		storing_send(pipe, s);
	}
	db_close(db);
}

/*
 * The leader's end of the workers' connections: leases, messages, results.  Which
 * job goes to whom: dispatch.c.
 *
 * Jobs are rows; leases live here, in memory.  A lease ends with a stored
 * result, or LEASE_MS after the worker's last word about the job; then the row
 * is simply ready again.  A message counts only when it comes from the lessee's
 * connection, which CURVE has authenticated (keys.c).  Parts are held until DONE,
 * and counted only when their number and digest agree.
 */
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include "actor.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "dispatch.h"
#include "fanout.h"
#include "leader.h"
#include "reread.h"
#include "sql.h"
#include "storing.h"

#define QUIET_MS 4000		/* a heartbeat is missing: is it still there? */
#define ROUND 256		/* messages handled before results are stored */

/* -------------------------------------------------------------------- sending */

bool
fanout_send(struct fanout *f, struct str id, const struct wire_message *m)
{
	bool there = true;
	zframe_t *to, *body;

	buf_clear(&f->buf);
	if (wire_write(&f->buf, m) < 0) {
		log_error("message too large", "type", "%d", (int)m->type, NULL);
		return (true);
	}
	to = zframe_new(id.p, id.n);
	body = zframe_new(f->buf.p, f->buf.n);
	/* ROUTER_MANDATORY: an unknown peer is an error */
	if (zframe_send(&to, f->router, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0)
		(void)zframe_send(&body, f->router, ZFRAME_DONTWAIT);
	else
		there = zmq_errno() != EHOSTUNREACH;
	zframe_destroy(&to);
	zframe_destroy(&body);
	return (there);
}

bool
fanout_answer(struct fanout *f, struct str id, enum wire_type type,
    uint64_t job, uint32_t attempt, uint32_t seq)
{
	struct wire_message m = { .type = type };

	m.u.ack = (struct wire_ack) { job, attempt, seq };
	return (fanout_send(f, id, &m));
}

/* --------------------------------------------------------------------- leases */

static size_t
held(const struct lease *l)
{
	return (l->files.n + l->tree.n + l->document.n);
}

/* Free the lease and what is held for it; nothing is stored. */
static void
lease_end(struct fanout *f, struct lease *l)
{
	f->held -= held(l);
	if (f->over == l)
		f->over = NULL;
	if (l->worker != NULL && l->worker->in_flight > 0)
		l->worker->in_flight--;
	if (l->storing)
		l->worker->storing--;
	buf_done(&l->files);
	buf_done(&l->tree);
	buf_done(&l->document);
	digest_free(l->digest);
	memset(l, 0, sizeof(*l));
}

void
lease_take_back(struct fanout *f, struct lease *l)
{
	f->owed[f->nowed++] = l->job.id;
	lease_end(f, l);
}

static struct lease *
lease_of(struct fanout *f, struct str id, uint64_t job, uint32_t attempt)
{
	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (l->job.id != 0 && (uint64_t)l->job.id == job &&
		    l->job.attempt == attempt && l->worker != NULL &&
		    str_eq(l->worker->id, id))
			return (l);
	}
	return (NULL);
}

static void
lease_reset(struct fanout *f, struct lease *l)
{
	f->held -= held(l);
	l->next_seq = 0;
	buf_clear(&l->files);
	buf_clear(&l->tree);
	buf_clear(&l->document);
	digest_reset(l->digest);
}

/* The lead is lost, with the database's session or at a stop: no fault of the
 * jobs under way, but for those whose worker has gone before. */
static void
drop_all(struct fanout *f)
{
	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (l->job.id != 0 && l->until != 0)
			lease_take_back(f, l);
		else if (l->job.id != 0)
			lease_end(f, l);
	}
}

static void
worker_free(struct worker *w)
{
	free((void *)(uintptr_t)w->id.p);
	memset(w, 0, sizeof(*w));
}

/* After a time without the lead: most have dialled anew meanwhile, the others
 * are told to. */
static void
forget_workers(struct fanout *f)
{
	for (size_t i = 0; i < WORKERS; i++)
		worker_free(&f->workers[i]);
}

/* Is there memory for ${n} more bytes?  Above the ceiling one job goes on, so that
 * some job always ends; the others wait without an ACK until it has. */
static bool
room_for(struct fanout *f, struct lease *l, size_t n)
{
	if (f->held + n <= f->co->results_bytes || f->over == l)
		return (true);
	if (f->over == NULL)
		f->over = l;
	return (f->over == l);
}

/* Ask for the parts that were not taken, now that there is room for one. */
static void
resume_stalled(struct fanout *f)
{
	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (!l->stalled || !room_for(f, l, LIMIT_WIRE_PART))
			continue;
		l->stalled = false;
		fanout_answer(f, l->worker->id, WIRE_RESEND,
		    (uint64_t)l->job.id, l->job.attempt, l->next_seq);
	}
}

static int
lost(struct db *db, struct lease *l, const struct wire_done *done,
    struct diag *d)
{
	(void)done;
	return (store_lost(db, &l->job, d));
}

void
worker_gone(struct fanout *f, struct worker *w)
{
	w->gone = true;
	for (size_t i = 0; i < LEASES; i++)
		if (f->leases[i].worker == w)
			f->leases[i].until = 0;
}

/* A worker that was killed leaves a closed connection: its jobs need not wait
 * for their leases to run out. */
static void
probe(struct fanout *f, struct worker *w, int64_t now)
{
	if (!w->used || w->gone || now - w->heard_at < QUIET_MS ||
	    now - w->probed_at < QUIET_MS / 4)
		return;
	w->probed_at = now;
	if (!fanout_answer(f, w->id, WIRE_ACK, 0, 0, 0))
		worker_gone(f, w);
}

static void
expire(struct fanout *f)
{
	int64_t now = zclock_mono();
	struct diag d;

	for (size_t i = 0; i < WORKERS; i++)
		probe(f, &f->workers[i], now);
	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (l->job.id == 0 || l->storing || l->until > now)
			continue;
		log_warn("lease ran out", "job", "%lld", (long long)l->job.id,
		    "worker", "%s", l->job.worker, NULL);
		if (lease_store_surely(f->db, f->epoch, lost, l, NULL, &d) < 0)
			log_warn("cannot note it", "reason", "%s", d.text, NULL);
		lease_end(f, l);
	}
	for (size_t i = 0; i < WORKERS; i++) {
		struct worker *w = &f->workers[i];

		if (w->used && w->in_flight == 0 && (w->gone ||
		    now - w->heard_at > WORKER_MS)) {
			log_info("worker gone", "worker", "%s", w->name, NULL);
			worker_free(w);
		}
	}
}

/* ------------------------------------------------------------------- messages */

static struct worker *
worker_of(struct fanout *f, struct str id)
{
	for (size_t i = 0; i < WORKERS; i++)
		if (f->workers[i].used && str_eq(f->workers[i].id, id))
			return (&f->workers[i]);
	return (NULL);
}

static void
on_hello(struct fanout *f, struct str id, const struct wire_hello *h)
{
	struct wire_message m = { .type = WIRE_WELCOME };
	struct worker *w = worker_of(f, id);
	int64_t analyzers = 0, goal = 0;
	struct diag d;

	for (size_t i = 0; w == NULL && i < WORKERS; i++)
		if (!f->workers[i].used)
			w = &f->workers[i];
	if (w == NULL || h->protocol != WIRE_PROTOCOL) {
		log_warn("worker refused: too many, or another protocol", NULL);
		return;
	}
	if (!db_alive(f->db) || reread_hello(f->db, f->epoch, h, &analyzers,
	    &goal, &d) < 0) {
		/* it says hello again */
		log_warn("a worker waits for the database", NULL);
		return;
	}
	if (!w->used) {
		w->used = true;
		w->id = str_n(mem_strndup(id), id.n);
		snprintf(w->name, sizeof(w->name), "%.*s", STR_ARG(h->name));
		snprintf(w->version, sizeof(w->version), "%.*s",
		    STR_ARG(h->version));
		log_info("worker joined", "worker", "%s", w->name, "slots",
		    "%u", h->slots, NULL);
	}
	f->goal = goal;
	f->reread_at = 0;
	w->analyzers = analyzers;
	w->slots = h->slots;
	w->gone = false;
	w->heard_at = zclock_mono();
	m.u.welcome.protocol = WIRE_PROTOCOL;
	memcpy(m.u.welcome.sip_key, f->sip_key, 16);
	m.u.welcome.heartbeat_s = 5;
	fanout_send(f, id, &m);
}

static void
on_heartbeat(struct fanout *f, struct str id, const struct wire_heartbeat *h)
{
	struct lease *l;

	for (uint32_t i = 0; i < h->njobs; i++) {
		l = lease_of(f, id, h->jobs[i].job, h->jobs[i].attempt);
		if (l != NULL)
			l->until = zclock_mono() + LEASE_MS;
		else
			fanout_answer(f, id, WIRE_UNKNOWN_JOB, h->jobs[i].job,
			    h->jobs[i].attempt, 0);
	}
	fanout_answer(f, id, WIRE_ACK, 0, 0, 0);
}

static int
store_too_large(struct db *db, struct lease *l, const struct wire_done *done,
    struct diag *d)
{
	(void)done;
	return (store_failure(db, &l->job, ERR_LIMIT,
	    str_of("the results are larger than any honest ones"), 0, d));
}

static void
too_large(struct fanout *f, struct lease *l)
{
	struct diag d;

	log_warn("results above the limit", "job", "%lld",
	    (long long)l->job.id, NULL);
	if (lease_store_surely(f->db, f->epoch, store_too_large, l, NULL,
	    &d) < 0)
		log_warn("cannot note it", "reason", "%s", d.text, NULL);
	fanout_answer(f, l->worker->id, WIRE_UNKNOWN_JOB, (uint64_t)l->job.id,
	    l->job.attempt, 0);
	lease_end(f, l);
	wake_up(WAKE_MATCHER);
}

static void
on_part(struct fanout *f, struct str id, const struct wire_part *p)
{
	struct lease *l = lease_of(f, id, p->job, p->attempt);
	struct buf *to;

	if (l == NULL) {
		fanout_answer(f, id, WIRE_UNKNOWN_JOB, p->job, p->attempt, 0);
		return;
	}
	if (l->storing)
		return;		/* all were taken: their ACKs are on the way */
	l->until = zclock_mono() + LEASE_MS;
	if (p->seq == 0)
		lease_reset(f, l);	/* a first part, or the results start over */
	if (p->seq > l->next_seq) {
		/* of one that is stalled, all of this follows once more when
		 * there is room: asked for by each part, it would come for each */
		if (!l->stalled)
			fanout_answer(f, id, WIRE_RESEND, p->job, p->attempt,
			    l->next_seq);
		return;
	}
	if (p->seq == l->next_seq &&
	    (l->stalled = !room_for(f, l, p->bytes.n)))
		return;
	if (p->seq == l->next_seq) {
		to = p->kind == WIRE_PART_FILE ? &l->files :
		    p->kind == WIRE_PART_TREE ? &l->tree : &l->document;
		if (buf_str(to, p->bytes) < 0) {
			too_large(f, l);
			return;
		}
		f->held += p->bytes.n;
		digest_add(l->digest, p->bytes.p, p->bytes.n);
		l->next_seq++;
	}
	fanout_answer(f, id, WIRE_ACK, p->job, p->attempt, p->seq);
}

static void
on_done(struct fanout *f, struct str id, const struct wire_done *m)
{
	struct lease *l = lease_of(f, id, m->job, m->attempt);
	uint8_t sha[32];

	if (l == NULL) {
		fanout_answer(f, id, WIRE_UNKNOWN_JOB, m->job, m->attempt, 0);
		return;
	}
	if (l->storing)
		return;		/* the answer follows */
	l->until = zclock_mono() + LEASE_MS;
	if (m->outcome == 0 && m->parts > l->next_seq) {
		if (l->stalled)
			return;	/* RESEND follows when there is room */
		fanout_answer(f, id, WIRE_RESEND, m->job, m->attempt,
		    l->next_seq);
		return;
	}
	if (m->parts == 0)
		lease_reset(f, l);
	digest_end(l->digest, sha);
	if (m->outcome == 0 && (m->parts != l->next_seq ||
	    memcmp(sha, m->sha256, 32) != 0)) {
		log_warn("parts do not add up, job starts over", "job", "%lld",
		    (long long)l->job.id, NULL);
		fanout_answer(f, id, WIRE_UNKNOWN_JOB, m->job, m->attempt, 0);
		l->until = 0;
		return;
	}
	l->storing = true;
	l->stalled = false;
	l->worker->storing++;
	f->nstoring++;
	storing_send(zactor_sock(f->storer), storing_new(l, f->epoch, m));
}

/* What came of a result, waiting for it.  False when nothing comes any more. */
static bool
on_stored(struct fanout *f)
{
	struct storing *s = storing_recv(zactor_sock(f->storer));
	const struct wire_done *m;
	struct lease *l;

	if (s == NULL)
		return (false);
	m = &s->done;
	l = s->lease;
	f->nstoring--;
	if (s->rc < 0) {
		/* not accepted: it runs again.  What the database was away for is
		 * not to blame; what it fell over may well be. */
		log_warn("result not stored", "job", "%lld",
		    (long long)l->job.id, "reason", "%s", s->d.text, NULL);
		fanout_answer(f, l->worker->id, WIRE_UNKNOWN_JOB, m->job,
		    m->attempt, 0);
		if (l->stored)
			lease_end(f, l);
		else
			lease_take_back(f, l);
	} else {
		l->worker->jobs++;
		l->worker->bytes += (int64_t)m->size;
		fanout_answer(f, l->worker->id, WIRE_ACCEPTED, m->job,
		    m->attempt, 0);
		lease_end(f, l);
		wake_up(WAKE_MATCHER);
		wake_up(WAKE_FANOUT);
	}
	storing_free(s);
	return (true);
}

/* Until all that is on its way is stored, or is not: before leases are dropped. */
static void
await_stored(struct fanout *f)
{
	while (f->nstoring > 0 && on_stored(f))
		;
}

/* Ask the token actor; its answer comes back through on_token. */
static void
ask_token(struct fanout *f, struct str id, const struct wire_token *t)
{
	struct lease *l = lease_of(f, id, t->job, t->attempt);
	zmsg_t *m;

	if (l == NULL) {
		fanout_answer(f, id, WIRE_UNKNOWN_JOB, t->job, t->attempt, 0);
		return;
	}
	l->until = zclock_mono() + LEASE_MS;
	/* one at a time: no worker fills the way to the token actor */
	if (l->asking)
		return;
	l->asking = true;
	m = zmsg_new();
	zmsg_addmem(m, id.p, id.n);
	zmsg_addstrf(m, "%llu", (unsigned long long)t->job);
	zmsg_addstrf(m, "%u", t->attempt);
	zmsg_addstrf(m, "%u", t->place);
	zmsg_addstrf(m, "%lld", (long long)l->registries[t->place]);
	zmsg_addstrf(m, "%lld", (long long)l->job.id);
	zmsg_addmem(m, t->challenge.p, t->challenge.n);
	if (zmsg_send(&m, f->tokens) != 0)
		zmsg_destroy(&m);
}

/* [identity, encoded TOKEN_REPLY] from the token actor. */
static void
on_token(struct fanout *f)
{
	zmsg_t *m = zmsg_recv(f->tokens);
	zframe_t *id, *body;
	struct wire_message reply;
	struct lease *l;

	if (m == NULL)
		return;
	id = zmsg_pop(m);
	body = zmsg_pop(m);
	if (id != NULL && body != NULL && wire_read(str_n(zframe_data(body),
	    zframe_size(body)), &reply, NULL) == 0 &&
	    (l = lease_of(f, str_n(zframe_data(id), zframe_size(id)),
	    reply.u.token_reply.job, reply.u.token_reply.attempt)) != NULL)
		l->asking = false;
	if (id != NULL && body != NULL && zframe_send(&id, f->router,
	    ZFRAME_MORE | ZFRAME_DONTWAIT | ZFRAME_REUSE) == 0)
		(void)zframe_send(&body, f->router, ZFRAME_DONTWAIT |
		    ZFRAME_REUSE);
	zframe_destroy(&id);
	zframe_destroy(&body);
	zmsg_destroy(&m);
}

static void
on_message(struct fanout *f, zmsg_t *msg)
{
	zframe_t *id = zmsg_first(msg), *body = zmsg_next(msg);
	struct wire_message m;
	struct str from;
	struct worker *w;
	struct diag d;

	if (id == NULL || body == NULL || zmsg_size(msg) != 2)
		return;
	from = str_n(zframe_data(id), zframe_size(id));
	if (wire_read(str_n(zframe_data(body), zframe_size(body)), &m, &d) < 0) {
		log_warn("message dropped", "reason", "%s", d.text, NULL);
		return;
	}
	if (f->epoch == 0) {
		fanout_answer(f, from, WIRE_NOT_LEADER, 0, 0, 0);
		return;
	}
	if (m.type == WIRE_HELLO) {
		on_hello(f, from, &m.u.hello);
		return;
	}
	if ((w = worker_of(f, from)) == NULL) {
		/* a worker of the coordinator before us, whose connection came
		 * back by itself: it dials anew and says hello */
		fanout_answer(f, from, WIRE_NOT_LEADER, 0, 0, 0);
		return;
	}
	w->heard_at = zclock_mono();
	if (m.type == WIRE_HEARTBEAT)
		on_heartbeat(f, from, &m.u.heartbeat);
	else if (m.type == WIRE_PART)
		on_part(f, from, &m.u.part);
	else if (m.type == WIRE_DONE)
		on_done(f, from, &m.u.done);
	else if (m.type == WIRE_TOKEN)
		ask_token(f, from, &m.u.token);
}

/* ----------------------------------------------------------------------- loop */

/* The dashboard's rows; losing one is no loss. */
static int
show_workers(struct fanout *f, struct diag *d)
{
	int rc = 0;

	for (size_t i = 0; i < WORKERS && rc == 0; i++) {
		struct worker *w = &f->workers[i];

		if (!w->used)
			continue;
		rc = DB_QUERY(f->db, sql_worker_upsert, NULL, d,
		    db_text(str_of(w->name)), db_text(str_of(w->version)),
		    db_int(w->slots), db_int(w->in_flight), db_int(w->jobs),
		    db_int(w->bytes), db_int(w->analyzers));
		w->jobs = w->bytes = 0;
	}
	return (rc);
}

/* Queue layers to be read again, while there is a worker for them. */
static int
queue_rereads(struct fanout *f, struct diag *d)
{
	int64_t wait_ms = REREAD_IDLE_MS;
	bool able = false;
	int rc;

	if (zclock_mono() < f->reread_at)
		return (0);
	rc = reread_goal(f->db, &f->goal, d);
	for (size_t i = 0; i < WORKERS; i++)
		able = able || (f->workers[i].used && !f->workers[i].gone &&
		    f->workers[i].analyzers == f->goal);
	if (rc == 0 && f->goal != 0 && able)
		rc = reread_queue(f->db, f->epoch, f->goal, &wait_ms, d);
	f->reread_at = zclock_mono() + wait_ms;
	return (rc);
}

static int
as_leader(struct fanout *f, struct diag *d)
{
	int64_t now = zclock_mono();
	int rc = 0;

	expire(f);
	resume_stalled(f);
	if ((rc = queue_rereads(f, d)) == 0 &&
	    (rc = dispatch_ready(f, d)) == 0 &&
	    (rc = dispatch_recall(f, d)) == 0 && now - f->shown_at >= 1000) {
		f->shown_at = now;
		if ((rc = db_query0(f->db, sql_async_commit, NULL, d)) == 0 &&
		    (rc = show_workers(f, d)) == 0)
			rc = db_query0(f->db, sql_sync_commit, NULL, d);
	}
	return (rc);
}

/* Wait for messages, tokens, wake-ups; false when told to end. */
static bool
wait_round(struct fanout *f, zsock_t *pipe)
{
	zmq_pollitem_t items[5] = {
		{ zsock_resolve(pipe), 0, ZMQ_POLLIN, 0 },
		{ zsock_resolve(f->router), 0, ZMQ_POLLIN, 0 },
		{ zsock_resolve(f->tokens), 0, ZMQ_POLLIN, 0 },
		{ NULL, wake_fd(WAKE_FANOUT), ZMQ_POLLIN, 0 },
		{ zsock_resolve(f->storer), 0, ZMQ_POLLIN, 0 },
	};

	if (zmq_poll(items, 5, 250) < 0)
		return (false);
	if ((items[0].revents & ZMQ_POLLIN) != 0 && actor_told_to_end(pipe))
		return (false);
	if (items[2].revents & ZMQ_POLLIN)
		on_token(f);
	if (items[3].revents & ZMQ_POLLIN)
		wake_clear(WAKE_FANOUT);
	while ((zsock_events(f->storer) & ZMQ_POLLIN) != 0 && on_stored(f))
		;
	for (int i = 0; i < ROUND && (zsock_events(f->router) & ZMQ_POLLIN) != 0;
	     i++) {
		zmsg_t *m = zmsg_recv(f->router);

		if (m == NULL)
			break;
		on_message(f, m);
		zmsg_destroy(&m);
	}
	return (true);
}

static int
load_sip_key(struct fanout *f, struct diag *d)
{
	struct db_result *r = NULL;
	struct str key;
	int rc;

	if ((rc = DB_QUERY(f->db, sql_setting_get, &r, d,
	    db_text(str_of("sip_key")))) < 0)
		return (rc);
	key = db_rows(r) == 1 ? db_col_bytes(r, 0, 0) : (struct str) { 0 };
	if (key.n == 16)
		memcpy(f->sip_key, key.p, 16);
	else
		rc = diag_set(d, ERR_MALFORMED, 0, "setting sip_key is missing");
	db_free(r);
	return (rc);
}

static void
serve(struct fanout *f, zsock_t *pipe)
{
	struct diag d;
	int rc;

	do {
		if (leader_epoch() != f->epoch) {
			await_stored(f);
			drop_all(f);
			forget_workers(f);
			f->epoch = leader_epoch();
		}
		if ((f->epoch == 0 && f->nowed == 0) || !db_alive(f->db))
			continue;
		if ((rc = dispatch_settle(f, &d)) == 0 && f->epoch != 0)
			rc = as_leader(f, &d);
		if (rc < 0)
			log_warn("dispatch", "reason", "%s", d.text, NULL);
	} while (wait_round(f, pipe));
}

void
fanout_actor(zsock_t *pipe, void *arg)
{
	struct fanout *f = mem_alloc(sizeof(*f));
	struct db *store_db = NULL;
	struct diag d;

	f->co = arg;
	buf_init(&f->buf, LIMIT_WIRE_MESSAGE);
	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, f->co->database, "scanfarm fanout", &f->db) ||
	    !actor_connect(pipe, f->co->database, "scanfarm store", &store_db))
		goto out;
	if (load_sip_key(f, &d) < 0 ||
	    (f->router = fanout_bind(f->co, &d)) == NULL) {
		log_error("fan-out cannot start", "reason", "%s", d.text, NULL);
		exit(1);	/* the supervisor starts us anew */
	}
	f->tokens = zactor_new(token_actor, f->co);
	f->storer = zactor_new(storing_actor, store_db);
	serve(f, pipe);
	await_stored(f);
	drop_all(f);
	forget_workers(f);
	if (db_alive(f->db) && dispatch_settle(f, &d) < 0)
		log_warn("starts not taken back", "reason", "%s", d.text, NULL);
	zactor_destroy(&f->tokens);
	zactor_destroy(&f->storer);
	zsock_destroy(&f->router);
out:
	db_close(f->db);
	buf_done(&f->buf);
	free(f);
}

/*
 * Relays between the coordinator and the slots; parses nothing but messages.
 *
 * Parts leave in a window of LIMIT_WIRE_WINDOW a job and are kept until their
 * ACK; while a job's window is full its slot is not read, so a slow coordinator
 * slows the fetch down.  DONE is kept until ACCEPTED.  After any silence the
 * link dials anew, says which jobs it still holds, and sends again what was not
 * acknowledged; a coordinator that does not know a job says so and the job is
 * dropped here, and stopped in its slot.
 */
#include <assert.h>
#include <czmq.h>
#include <stdlib.h>
#include "common/buf.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/proc.h"
#include "common/wire.h"
#include "link.h"
#include "slot.h"
#include "worker/analyzer/analyzer.h"

#define HEARTBEAT_MS 3000
#define SILENCE_MS 15000
#define REDIAL_MS 1000
#define HANDSHAKE_MS 3000
#define QUEUE 64		/* jobs waiting for a slot */

struct kept {			/* an unacknowledged part, encoded */
	uint32_t seq;
	zframe_t *frame;
};

struct lane {			/* one slot */
	int fd;
	bool busy;
	bool dropped;		/* the coordinator does not want its results */
	uint64_t job;
	uint32_t attempt;
	struct kept window[LIMIT_WIRE_WINDOW];
	size_t nwindow;
	zframe_t *done;		/* DONE, until ACCEPTED */
};

struct link {
	const struct link_options *o;
	zcert_t *cert;
	char server_key[41];
	zsock_t *sock;
	size_t endpoint;
	bool welcome;
	int64_t heard_at, beat_at;
	int64_t redial_at;	/* 0 = not asked to */
	struct lane *lanes;
	zframe_t *queue[QUEUE];
	size_t nqueue;
	struct buf buf;
	uint8_t sip_key[16];
};

/* A Z85 key of 40 characters from DIR/NAME. */
static int
read_key(const char *dir, const char *name, char ret[41])
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	int rc = -1;

	if (f != NULL && fgets(ret, 41, f) != NULL && strlen(ret) == 40)
		rc = 0;
	if (rc < 0)
		log_error("cannot read a key: copy it from the coordinator's data directory, curve/",
		    "file", "%s", path, NULL);
	if (f != NULL)
		fclose(f);
	free(path);
	return (rc);
}

static int
load_keys(struct link *l)
{
	char public[41], secret[41];
	uint8_t p[32], s[32];

	if (read_key(l->o->keys, "coordinator.public", l->server_key) < 0 ||
	    read_key(l->o->keys, "worker.public", public) < 0 ||
	    read_key(l->o->keys, "worker.secret", secret) < 0)
		return (-1);
	if (zmq_z85_decode(p, public) == NULL ||
	    zmq_z85_decode(s, secret) == NULL) {
		log_error("a key file holds no Z85 key", NULL);
		return (-1);
	}
	l->cert = zcert_new_from(p, s);
	explicit_bzero(s, sizeof(s));
	explicit_bzero(secret, sizeof(secret));
	return (l->cert != NULL ? 0 : -1);
}

/* ------------------------------------------------------------------- sending */

static zframe_t *
encode(struct link *l, const struct wire_message *m)
{
	buf_clear(&l->buf);
	if (wire_write(&l->buf, m) < 0)
		return (NULL);
	return (zframe_new(l->buf.p, l->buf.n));
}

static void
send_frame(struct link *l, zframe_t *f)
{
	if (l->sock != NULL && zframe_send(&f, l->sock, ZFRAME_REUSE |
	    ZFRAME_DONTWAIT) != 0)
		log_debug("send deferred", NULL);
}

static void
send_now(struct link *l, const struct wire_message *m)
{
	zframe_t *f = encode(l, m);

	if (f != NULL)
		send_frame(l, f);
	zframe_destroy(&f);
}

/* What layers are read by: so the coordinator learns when that got better. */
static void
say_analyzers(struct wire_hello *h)
{
	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		const struct analyzer *a = analyzer_all[i];

		if (a->declared)	/* layer jobs do not ask for these */
			continue;
		assert(h->nanalyzers < WIRE_ANALYZERS);
		h->analyzers[h->nanalyzers++] = (struct wire_analyzer) {
			str_of(a->name), a->revision, a->wants_revision,
			a->stream == NULL && !a->owners_only };
	}
}

static void
hello(struct link *l)
{
	struct wire_message m = { .type = WIRE_HELLO };

	m.u.hello = (struct wire_hello) { .protocol = WIRE_PROTOCOL,
		.name = str_of(l->o->name), .version = str_of("0.1.0"),
		.slots = (uint32_t)l->o->nslots };
	say_analyzers(&m.u.hello);
	send_now(l, &m);
}

/* Add a job to heartbeat ${m}, which is sent when it is full. */
static void
still_mine(struct link *l, struct wire_message *m, uint64_t job,
    uint32_t attempt)
{
	struct wire_heartbeat *h = &m->u.heartbeat;

	if (h->njobs == WIRE_HEARTBEAT_JOBS) {
		send_now(l, m);
		h->njobs = 0;
	}
	h->jobs[h->njobs].job = job;
	h->jobs[h->njobs++].attempt = attempt;
}

/* All jobs are named, in several heartbeats if need be: the coordinator gives
 * those that it does not hear of to others. */
static void
heartbeat(struct link *l)
{
	struct wire_message m = { .type = WIRE_HEARTBEAT }, job;

	for (size_t i = 0; i < l->o->nslots; i++)
		if (l->lanes[i].busy && !l->lanes[i].dropped) {
			m.u.heartbeat.busy++;
			still_mine(l, &m, l->lanes[i].job, l->lanes[i].attempt);
		}
	for (size_t i = 0; i < l->nqueue; i++)
		if (wire_read(str_n(zframe_data(l->queue[i]),
		    zframe_size(l->queue[i])), &job, NULL) == 0)
			still_mine(l, &m, job.u.job.job, job.u.job.attempt);
	send_now(l, &m);
	l->beat_at = zclock_mono();
}

static void
dial(struct link *l)
{
	zsock_destroy(&l->sock);
	l->welcome = false;
	l->redial_at = 0;
	l->heard_at = zclock_mono();
	if ((l->sock = zsock_new(ZMQ_DEALER)) == NULL)
		return;
	zsock_set_linger(l->sock, 0);
	zsock_set_sndhwm(l->sock, 10000);
	zsock_set_maxmsgsize(l->sock, (int)LIMIT_WIRE_MESSAGE);
	/* a coordinator whose database is away leaves the handshake open */
	zsock_set_handshake_ivl(l->sock, HANDSHAKE_MS);
	zcert_apply(l->cert, l->sock);
	zsock_set_curve_serverkey(l->sock, l->server_key);
	if (zsock_connect(l->sock, "%s", l->o->coordinators[l->endpoint]) != 0)
		log_error("bad endpoint, want tcp://HOST:PORT", "endpoint",
		    "%s", l->o->coordinators[l->endpoint], NULL);
	hello(l);
}

static void
dial_next(struct link *l)
{
	l->endpoint = (l->endpoint + 1) % l->o->ncoordinators;
	dial(l);
}

/* ---------------------------------------------------------------------- lanes */

static void
clear_window(struct lane *a)
{
	for (size_t i = 0; i < a->nwindow; i++)
		zframe_destroy(&a->window[i].frame);
	a->nwindow = 0;
}

static void
free_lane(struct lane *a)
{
	clear_window(a);
	zframe_destroy(&a->done);
	a->busy = a->dropped = false;
}

static int
to_slot(struct lane *a, const void *p, size_t n)
{
	return (frame_write(a->fd, SLOT_FRAME, str_n(p, n), NULL));
}

/* Give waiting jobs to idle slots. */
static void
start_jobs(struct link *l)
{
	struct wire_message m, w = { .type = WIRE_WELCOME };
	struct buf b;

	for (size_t i = 0; i < l->o->nslots && l->nqueue > 0; i++) {
		struct lane *a = &l->lanes[i];
		zframe_t *f = l->queue[0];

		if (a->busy)
			continue;
		memmove(l->queue, l->queue + 1, --l->nqueue *
		    sizeof(l->queue[0]));
		if (wire_read(str_n(zframe_data(f), zframe_size(f)), &m,
		    NULL) == 0 && m.type == WIRE_JOB) {
			a->busy = true;
			a->job = m.u.job.job;
			a->attempt = m.u.job.attempt;
			buf_init(&b, LIMIT_WIRE_MESSAGE);
			w.u.welcome.protocol = WIRE_PROTOCOL;
			memcpy(w.u.welcome.sip_key, l->sip_key, 16);
			if (wire_write(&b, &w) < 0 ||
			    to_slot(a, b.p, b.n) < 0 ||
			    to_slot(a, zframe_data(f), zframe_size(f)) < 0)
				log_error("a slot is gone", NULL);
			buf_done(&b);
		}
		zframe_destroy(&f);
	}
}

static struct lane *
lane_of(struct link *l, uint64_t job, uint32_t attempt)
{
	for (size_t i = 0; i < l->o->nslots; i++)
		if (l->lanes[i].busy && l->lanes[i].job == job &&
		    l->lanes[i].attempt == attempt)
			return (&l->lanes[i]);
	return (NULL);
}

/* A message of a slot. */
static int
from_slot(struct link *l, struct lane *a, struct buf *in)
{
	struct wire_message m;
	zframe_t *f;
	uint8_t type;

	if (frame_read(a->fd, &type, in, NULL) <= 0 ||
	    wire_read(buf_view(in), &m, NULL) < 0)
		return (-1);
	if (a->dropped) {
		if (m.type == WIRE_DONE)
			free_lane(a);
		return (0);
	}
	/* poll also reports a slot that died: what it left behind must not
	 * overrun what was promised to the coordinator */
	if (m.type == WIRE_PART && m.u.part.seq == 0)
		clear_window(a);
	if (a->done != NULL || (m.type == WIRE_PART &&
	    a->nwindow == LIMIT_WIRE_WINDOW))
		return (-1);
	f = zframe_new(in->p, in->n);
	if (m.type == WIRE_PART) {
		a->window[a->nwindow++] = (struct kept) { m.u.part.seq, f };
		send_frame(l, f);
	} else if (m.type == WIRE_DONE) {
		a->done = f;
		send_frame(l, f);
	} else {
		send_frame(l, f);
		zframe_destroy(&f);
	}
	return (0);
}

static void
resend(struct link *l, struct lane *a, uint32_t from)
{
	for (size_t i = 0; i < a->nwindow; i++)
		if (a->window[i].seq >= from)
			send_frame(l, a->window[i].frame);
	if (a->done != NULL)
		send_frame(l, a->done);
}

static void
acknowledge(struct lane *a, uint32_t seq)
{
	size_t k = 0;

	for (size_t i = 0; i < a->nwindow; i++)
		if (a->window[i].seq <= seq)
			zframe_destroy(&a->window[i].frame);
		else
			a->window[k++] = a->window[i];
	a->nwindow = k;
}

/* ------------------------------------------------------------ the coordinator */

static void
on_welcome(struct link *l, const struct wire_welcome *w)
{
	if (w->protocol != WIRE_PROTOCOL)
		log_error("the coordinator speaks another protocol: install the same version",
		    "coordinator", "%u", w->protocol, NULL);
	memcpy(l->sip_key, w->sip_key, 16);
	/* HELLO is said until it is answered: a slow coordinator answers each of
	 * them, and what goes over one connection is not lost in between */
	if (l->welcome)
		return;
	log_info("connected", "coordinator", "%s",
	    l->o->coordinators[l->endpoint], NULL);
	l->welcome = true;
	heartbeat(l);
	for (size_t i = 0; i < l->o->nslots; i++)
		if (l->lanes[i].busy && !l->lanes[i].dropped)
			resend(l, &l->lanes[i], 0);
}

/* ${attempt} 0 = whichever. */
static void
drop_queued(struct link *l, uint64_t job, uint32_t attempt)
{
	struct wire_message m;
	size_t k = 0;

	for (size_t i = 0; i < l->nqueue; i++)
		if (wire_read(str_n(zframe_data(l->queue[i]),
		    zframe_size(l->queue[i])), &m, NULL) == 0 &&
		    m.u.job.job == job &&
		    (attempt == 0 || m.u.job.attempt == attempt))
			zframe_destroy(&l->queue[i]);
		else
			l->queue[k++] = l->queue[i];
	l->nqueue = k;
}

/* True when the message's frame was taken over (a job). */
static bool
on_message(struct link *l, zframe_t *f)
{
	struct wire_message m;
	struct diag d;
	struct lane *a;

	if (wire_read(str_n(zframe_data(f), zframe_size(f)), &m, &d) < 0) {
		log_warn("message dropped", "reason", "%s", d.text, NULL);
		return (false);
	}
	l->heard_at = zclock_mono();
	a = lane_of(l, m.u.ack.job, m.u.ack.attempt);
	switch (m.type) {
	case WIRE_WELCOME:
		on_welcome(l, &m.u.welcome);
		break;
	case WIRE_JOB:
		if (lane_of(l, m.u.job.job, m.u.job.attempt) != NULL)
			break;
		drop_queued(l, m.u.job.job, 0);
		if (l->nqueue == QUEUE)
			break;
		l->queue[l->nqueue++] = f;
		return (true);
	case WIRE_ACK:
		if (a != NULL)
			acknowledge(a, m.u.ack.seq);
		break;
	case WIRE_RESEND:
		if (a != NULL)
			resend(l, a, m.u.ack.seq);
		break;
	case WIRE_TOKEN_REPLY:
		a = lane_of(l, m.u.token_reply.job, m.u.token_reply.attempt);
		if (a != NULL && !a->dropped)
			(void)to_slot(a, zframe_data(f), zframe_size(f));
		break;
	case WIRE_UNKNOWN_JOB:
		/* a later attempt of it may have come before this word */
		drop_queued(l, m.u.ack.job, m.u.ack.attempt);
		if (a != NULL && a->done != NULL)
			free_lane(a);
		else if (a != NULL && !a->dropped) {
			a->dropped = true;
			/* its slot stops, and says DONE to nobody */
			(void)to_slot(a, zframe_data(f), zframe_size(f));
		}
		break;
	case WIRE_ACCEPTED:
		if (a != NULL && a->done != NULL)
			free_lane(a);
		break;
	case WIRE_NOT_LEADER:
		/* nobody may lead for a while: not faster than that */
		l->redial_at = l->heard_at + (l->welcome ? 0 : REDIAL_MS);
		break;
	default:
		log_warn("message of an unexpected type", NULL);
	}
	return (false);
}

static void
on_socket(struct link *l)
{
	for (int i = 0; i < 64 && l->sock != NULL; i++) {
		zframe_t *f;

		if ((zsock_events(l->sock) & ZMQ_POLLIN) == 0)
			return;
		if ((f = zframe_recv(l->sock)) == NULL)
			return;
		if (!on_message(l, f))
			zframe_destroy(&f);
	}
}

/* One round of waiting and relaying. */
static int
round_of(struct link *l, zmq_pollitem_t *items, struct buf *in)
{
	int64_t now;
	size_t n = 1;

	items[0] = (zmq_pollitem_t) { zsock_resolve(l->sock), 0, ZMQ_POLLIN, 0 };
	for (size_t i = 0; i < l->o->nslots; i++) {
		struct lane *a = &l->lanes[i];

		/* a full window: not read, so its slot waits */
		items[n++] = (zmq_pollitem_t) { NULL, a->fd, (short)(
			(a->dropped || a->nwindow < LIMIT_WIRE_WINDOW) &&
			a->done == NULL ? ZMQ_POLLIN : 0), 0 };
	}
	if (zmq_poll(items, (int)n, 500) < 0)
		return (*l->o->stop ? 0 : errno == EINTR ? 0 : -1);
	for (size_t i = 0; i < l->o->nslots; i++)
		if ((items[i + 1].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0 &&
		    from_slot(l, &l->lanes[i], in) < 0) {
			log_error("a slot process ended: the worker ends with it and is started anew",
			    NULL);
			return (-1);
		}
	on_socket(l);
	start_jobs(l);
	now = zclock_mono();
	if (now - l->beat_at >= HEARTBEAT_MS) {
		if (l->welcome)
			heartbeat(l);
		else {
			hello(l);
			l->beat_at = now;
		}
	}
	if (now - l->heard_at >= SILENCE_MS) {
		log_warn("no word from the coordinator, dialling again", NULL);
		dial_next(l);
	} else if (l->redial_at != 0 && now >= l->redial_at)
		dial_next(l);
	return (0);
}

int
link_run(const struct link_options *o)
{
	zmq_pollitem_t *items = mem_array(o->nslots + 1, sizeof(*items));
	struct link l = { .o = o };
	struct buf in;
	int rc = 0;

	zsys_handler_set(NULL);
	zsys_init();
	buf_init(&l.buf, LIMIT_WIRE_MESSAGE);
	buf_init(&in, LIMIT_WIRE_MESSAGE);
	l.lanes = mem_array(o->nslots, sizeof(*l.lanes));
	for (size_t i = 0; i < o->nslots; i++)
		l.lanes[i].fd = o->slots[i];
	if (load_keys(&l) < 0) {
		rc = 1;
		goto out;
	}
	dial(&l);
	while (!*o->stop && rc == 0)
		if (round_of(&l, items, &in) < 0)
			rc = 1;
out:
	zsock_destroy(&l.sock);
	zcert_destroy(&l.cert);
	for (size_t i = 0; i < l.nqueue; i++)
		zframe_destroy(&l.queue[i]);
	for (size_t i = 0; i < o->nslots; i++)
		free_lane(&l.lanes[i]);
	free(l.lanes);
	free(items);
	buf_done(&l.buf);
	buf_done(&in);
	zsys_shutdown();
	return (rc);
}

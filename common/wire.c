/*
 * Messages as msgpack arrays.  Each record has one list of fields, expanded for
 * writing and for reading, so that the two cannot drift apart.
 */
#include "limits.h"
#include "pack.h"
#include "pool.h"
#include "wire.h"

/* One direction of a record: w != NULL writes, else c reads.  The first failure
 * sticks; a writer fails only at the buffer's ceiling. */
struct io {
	struct buf *w;
	struct cur *c;
	bool bad;
	uint32_t left;		/* elements of the array being read */
};

static void
io_array(struct io *io, uint32_t n)
{
	if (io->bad)
		return;
	if (io->w != NULL)
		io->bad = pack_array(io->w, n) < 0;
	else
		io->bad = !unpack_array(io->c, &io->left) || io->left < n;
	if (io->c != NULL && !io->bad)
		io->left -= n;	/* what a newer peer added */
}

/* Skip what a newer peer added to the record that was opened with ${extra}. */
static void
io_end(struct io *io, uint32_t extra)
{
	if (!io->bad && io->c != NULL && extra > 0)
		io->bad = !unpack_skip(io->c, extra);
}

static void
io_u64(struct io *io, uint64_t *v, uint64_t max)
{
	if (io->bad)
		return;
	if (io->w != NULL)
		io->bad = pack_u64(io->w, *v) < 0;
	else
		io->bad = !unpack_u64(io->c, v) || *v > max;
}

static void
io_u32(struct io *io, uint32_t *v, uint32_t max)
{
	uint64_t u = *v;

	io_u64(io, &u, max);
	if (!io->bad)
		*v = (uint32_t)u;
}

static void
io_i64(struct io *io, int64_t *v)
{
	if (io->bad)
		return;
	if (io->w != NULL)
		io->bad = pack_i64(io->w, *v) < 0;
	else
		io->bad = !unpack_i64(io->c, v);
}

static void
io_bool(struct io *io, bool *v)
{
	if (io->bad)
		return;
	if (io->w != NULL)
		io->bad = pack_bool(io->w, *v) < 0;
	else
		io->bad = !unpack_bool(io->c, v);
}

static void
io_str(struct io *io, struct str *s, size_t max)
{
	if (io->bad)
		return;
	if (io->w != NULL)
		io->bad = s->n > max || pack_str(io->w, *s) < 0;
	else
		io->bad = !unpack_str(io->c, s) || s->n > max;
}

static void
io_fixed(struct io *io, uint8_t *p, size_t n)
{
	struct str s = str_n(p, n);

	io_str(io, &s, n);
	if (!io->bad && io->c != NULL) {
		if (s.n != n)
			io->bad = true;
		else
			memcpy(p, s.p, n);
	}
}

static void
io_error(struct io *io, int *v)
{
	int64_t i = *v;

	io_i64(io, &i);
	if (!io->bad && (i > 0 || i < -1000))
		io->bad = true;
	if (!io->bad)
		*v = (int)i;
}

/* An enum whose values lie in [lo, hi]. */
#define io_enum(io, p, lo, hi) do {					\
	uint32_t u_ = (uint32_t)*(p);					\
									\
	io_u32((io), &u_, (hi));					\
	if (!(io)->bad && u_ < (lo))					\
		(io)->bad = true;					\
	if (!(io)->bad)							\
		*(p) = u_;						\
} while (0)

static void
io_place(struct io *io, struct wire_place *p)
{
	uint32_t extra;

	io_array(io, 3);
	extra = io->left;
	io_str(io, &p->url, WIRE_TEXT);
	io_str(io, &p->repository, WIRE_TEXT);
	io_bool(io, &p->insecure);
	io_end(io, extra);
}

static void
io_analyzer(struct io *io, struct wire_analyzer *a)
{
	uint32_t extra;

	io_array(io, 4);
	extra = io->left;
	io_str(io, &a->kind, WIRE_KIND);
	io_u32(io, &a->revision, INT32_MAX);
	io_u32(io, &a->wants_revision, INT32_MAX);
	io_bool(io, &a->recorded);
	io_end(io, extra);
}

/* ${more}: does an array follow that older workers do not send? */
static void
io_hello(struct io *io, struct wire_hello *h, bool more)
{
	io_u32(io, &h->protocol, UINT32_MAX);
	io_str(io, &h->name, 256);
	io_str(io, &h->version, 64);
	io_u32(io, &h->slots, 1024);
	if (!more)
		return;
	if (io->w != NULL && h->nanalyzers <= WIRE_ANALYZERS)
		io_array(io, h->nanalyzers);
	else if (!io->bad)
		io->bad = io->w != NULL ||
		    !unpack_array(io->c, &h->nanalyzers) ||
		    h->nanalyzers > WIRE_ANALYZERS;
	for (uint32_t i = 0; !io->bad && i < h->nanalyzers; i++)
		io_analyzer(io, &h->analyzers[i]);
}

static void
io_job(struct io *io, struct wire_job *j)
{
	io_u64(io, &j->job, UINT64_MAX);
	io_u32(io, &j->attempt, UINT32_MAX);
	io_enum(io, &j->kind, WIRE_JOB_RESOLVE, WIRE_JOB_LAYER);
	io_str(io, &j->reference, WIRE_TEXT);
	io_i64(io, &j->size);
	io_u32(io, &j->limits_revision, UINT32_MAX);
	io_bool(io, &j->hashes);
	if (io->w != NULL)
		io_array(io, j->nplaces);
	else if (!io->bad)
		io->bad = !unpack_array(io->c, &j->nplaces) ||
		    j->nplaces > WIRE_PLACES;
	for (uint32_t i = 0; !io->bad && i < j->nplaces; i++)
		io_place(io, &j->places[i]);
}

static void
io_heartbeat(struct io *io, struct wire_heartbeat *h)
{
	io_u32(io, &h->busy, UINT32_MAX);
	if (io->w != NULL)
		io_array(io, h->njobs * 2);
	else if (!io->bad) {
		io->bad = !unpack_array(io->c, &h->njobs) ||
		    h->njobs > 2 * sizeof(h->jobs) / sizeof(h->jobs[0]) ||
		    h->njobs % 2 != 0;
		h->njobs /= 2;
	}
	for (uint32_t i = 0; !io->bad && i < h->njobs; i++) {
		io_u64(io, &h->jobs[i].job, UINT64_MAX);
		io_u32(io, &h->jobs[i].attempt, UINT32_MAX);
	}
}

static void
io_done(struct io *io, struct wire_done *m)
{
	int64_t place = m->place;

	io_u64(io, &m->job, UINT64_MAX);
	io_u32(io, &m->attempt, UINT32_MAX);
	io_error(io, &m->outcome);
	io_u32(io, &m->parts, UINT32_MAX);
	io_fixed(io, m->sha256, sizeof(m->sha256));
	io_u64(io, &m->size, INT64_MAX);
	io_u64(io, &m->tar_size, INT64_MAX);
	io_u64(io, &m->entries, INT64_MAX);
	io_u32(io, &m->retry_after_s, 86400);
	io_i64(io, &place);
	if (!io->bad && (place < -1 || place >= WIRE_PLACES))
		io->bad = true;
	m->place = (int32_t)place;
	io_str(io, &m->reasons, LIMIT_WIRE_PART);
}

static void
io_token_reply(struct io *io, struct wire_token_reply *m)
{
	uint32_t kind = m->kind;

	io_u64(io, &m->job, UINT64_MAX);
	io_u32(io, &m->attempt, UINT32_MAX);
	io_u32(io, &m->place, WIRE_PLACES - 1);
	io_error(io, &m->error);
	io_u32(io, &kind, WIRE_AUTH_BEARER);
	m->kind = kind;
	io_str(io, &m->value, LIMIT_TOKEN_BYTES);
	io_str(io, &m->reason, WIRE_TEXT);
}

static void
io_ack(struct io *io, struct wire_ack *m)
{
	io_u64(io, &m->job, UINT64_MAX);
	io_u32(io, &m->attempt, UINT32_MAX);
	io_u32(io, &m->seq, UINT32_MAX);
}

#define HELLO_FIELDS 5

/* Elements after the type that every peer sends; 0 = no such message. */
static uint32_t
fields_of(enum wire_type t)
{
	switch (t) {
	case WIRE_HELLO: return (HELLO_FIELDS - 1);
	case WIRE_PART: return (6);
	case WIRE_DONE: return (11);
	case WIRE_TOKEN: return (4);
	case WIRE_HEARTBEAT: return (2);
	case WIRE_WELCOME: return (3);
	case WIRE_JOB: return (8);
	case WIRE_TOKEN_REPLY: return (7);
	case WIRE_ACK:
	case WIRE_RESEND:
	case WIRE_UNKNOWN_JOB:
	case WIRE_NOT_LEADER:
	case WIRE_ACCEPTED: return (3);
	}
	return (0);
}

/* ${n} elements after the type; returns how many of them it knows. */
static uint32_t
io_body(struct io *io, struct wire_message *m, uint32_t n)
{
	switch (m->type) {
	case WIRE_HELLO:
		io_hello(io, &m->u.hello, n >= HELLO_FIELDS);
		return (n >= HELLO_FIELDS ? HELLO_FIELDS : n);
	case WIRE_PART:
		io_u64(io, &m->u.part.job, UINT64_MAX);
		io_u32(io, &m->u.part.attempt, UINT32_MAX);
		io_u32(io, &m->u.part.seq, UINT32_MAX);
		io_enum(io, &m->u.part.kind, WIRE_PART_FILE,
		    WIRE_PART_DOCUMENT);
		io_bool(io, &m->u.part.more);
		io_str(io, &m->u.part.bytes, LIMIT_WIRE_PART);
		break;
	case WIRE_DONE:
		io_done(io, &m->u.done);
		break;
	case WIRE_TOKEN:
		io_u64(io, &m->u.token.job, UINT64_MAX);
		io_u32(io, &m->u.token.attempt, UINT32_MAX);
		io_u32(io, &m->u.token.place, WIRE_PLACES - 1);
		io_str(io, &m->u.token.challenge, 8 * WIRE_TEXT);
		break;
	case WIRE_HEARTBEAT:
		io_heartbeat(io, &m->u.heartbeat);
		break;
	case WIRE_WELCOME:
		io_u32(io, &m->u.welcome.protocol, UINT32_MAX);
		io_fixed(io, m->u.welcome.sip_key,
		    sizeof(m->u.welcome.sip_key));
		io_u32(io, &m->u.welcome.heartbeat_s, 3600);
		break;
	case WIRE_JOB:
		io_job(io, &m->u.job);
		break;
	case WIRE_TOKEN_REPLY:
		io_token_reply(io, &m->u.token_reply);
		break;
	case WIRE_ACK:
	case WIRE_RESEND:
	case WIRE_UNKNOWN_JOB:
	case WIRE_NOT_LEADER:
	case WIRE_ACCEPTED:
		io_ack(io, &m->u.ack);
		break;
	}
	return (fields_of(m->type));
}

int
wire_write(struct buf *b, const struct wire_message *m)
{
	struct io io = { .w = b };
	struct wire_message copy = *m;	/* io_* take addresses, and write none */
	uint32_t n = fields_of(m->type), type = m->type;

	if (n == 0)
		return (ERR_MALFORMED);
	n += m->type == WIRE_HELLO;
	io_array(&io, n + 1);
	io_u32(&io, &type, UINT32_MAX);
	(void)io_body(&io, &copy, n);
	return (io.bad ? ERR_LIMIT : 0);
}

int
wire_read(struct str in, struct wire_message *ret, struct diag *d)
{
	struct cur c = cur_str(in);
	struct io io = { .c = &c };
	uint32_t extra, type = 0;

	memset(ret, 0, sizeof(*ret));
	if (in.n > LIMIT_WIRE_MESSAGE)
		return (diag_set(d, ERR_LIMIT, 0, "message of %zu bytes",
		    in.n));
	io_array(&io, 1);
	extra = io.left;
	io_u32(&io, &type, UINT32_MAX);
	ret->type = type;
	if (io.bad || fields_of(ret->type) == 0 ||
	    extra < fields_of(ret->type))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "message of unknown type or too few fields"));
	io_end(&io, extra - io_body(&io, ret, extra));
	if (io.bad || cur_left(&c) != 0)
		return (diag_set(d, ERR_MALFORMED,
		    (uint64_t)(in.n - cur_left(&c)),
		    "message of type %u breaks its format", type));
	return (0);
}

/* ---------------------------------------------------------------- documents */

static void
io_child(struct io *io, struct wire_child *c)
{
	uint32_t extra;

	io_array(io, 7);
	extra = io->left;
	io_str(io, &c->digest, 256);
	io_str(io, &c->media_type, WIRE_TEXT);
	io_str(io, &c->os, 256);
	io_str(io, &c->architecture, 256);
	io_str(io, &c->variant, 256);
	io_i64(io, &c->size);
	io_bool(io, &c->attestation);
	io_end(io, extra);
}

static void
io_layer(struct io *io, struct wire_layer *l)
{
	uint32_t extra;

	io_array(io, 6);
	extra = io->left;
	io_str(io, &l->digest, 256);
	io_str(io, &l->media_type, WIRE_TEXT);
	io_str(io, &l->diff_id, 256);
	io_str(io, &l->created_by, LIMIT_CONFIG_BYTES);
	io_i64(io, &l->size);
	io_str(io, &l->skip, WIRE_TEXT);
	io_end(io, extra);
}

static void
io_document_head(struct io *io, struct wire_document *m)
{
	io_str(io, &m->kind, 32);
	io_str(io, &m->digest, 256);
	io_str(io, &m->media_type, WIRE_TEXT);
	io_str(io, &m->reason, WIRE_TEXT);
	io_i64(io, &m->size);
	io_str(io, &m->os, 256);
	io_str(io, &m->architecture, 256);
	io_str(io, &m->variant, 256);
	io_str(io, &m->config_digest, 256);
}

int
wire_document_write(struct buf *b, const struct wire_document *m)
{
	struct wire_document copy = *m;
	struct io io = { .w = b };

	io_array(&io, 11);
	io_document_head(&io, &copy);
	io_array(&io, (uint32_t)m->nchildren);
	for (size_t i = 0; i < m->nchildren; i++)
		io_child(&io, &m->children[i]);
	io_array(&io, (uint32_t)m->nlayers);
	for (size_t i = 0; i < m->nlayers; i++)
		io_layer(&io, &m->layers[i]);
	return (io.bad ? ERR_LIMIT : 0);
}

/* The length of a list, at most ${max}, and zeroed memory for it. */
static void *
list(struct io *io, struct pool *pool, uint32_t max, size_t size, size_t *ret)
{
	uint32_t n = 0;
	void *p;

	if (io->bad || !unpack_array(io->c, &n) || n > max ||
	    (p = pool_alloc(pool, n * size + 1)) == NULL) {
		io->bad = true;
		return (NULL);
	}
	*ret = n;
	return (p);
}

int
wire_document_read(struct cur *c, struct pool *pool, struct wire_document *ret,
    struct diag *d)
{
	struct wire_document m = { 0 };
	struct io io = { .c = c };
	uint32_t extra;

	io_array(&io, 11);
	extra = io.left;
	io_document_head(&io, &m);
	m.children = list(&io, pool, LIMIT_INDEX_CHILDREN,
	    sizeof(*m.children), &m.nchildren);
	for (size_t i = 0; !io.bad && i < m.nchildren; i++)
		io_child(&io, &m.children[i]);
	m.layers = list(&io, pool, LIMIT_IMAGE_LAYERS, sizeof(*m.layers),
	    &m.nlayers);
	for (size_t i = 0; !io.bad && i < m.nlayers; i++)
		io_layer(&io, &m.layers[i]);
	io_end(&io, extra);
	if (io.bad)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "document record breaks its format"));
	*ret = m;
	return (0);
}

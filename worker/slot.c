/*
 * One job after another: fetch, hash, feed the sandboxed parser, send parts.
 *
 *	registry --curl--> sha256 --pipe--> parse (sandbox)
 *	                                      |  frames
 *	link <-------- PART, DONE ------------+
 *
 * Writing to the parser and reading from it happen in one poll loop, so neither
 * can block the other for ever.  A parser that dies is a result: the blob is
 * fetched once more without the analyzer it died in.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/pack.h"
#include "common/registry.h"
#include "common/sandbox.h"
#include "common/text.h"
#include "common/wire.h"
#include "parse.h"
#include "slot.h"

#define TOKEN_WAIT_MS 60000
#define REASONS_MAX ((size_t)64 << 10)

struct slot {
	int fd;				/* to the link */
	struct launcher *launcher;
	struct http *http;
	/* the job */
	struct wire_job job;
	uint8_t sip_key[16];
	uint32_t seq;			/* next part */
	struct digest *digest;		/* over the parts */
	struct buf part;		/* records not sent yet */
	enum wire_part_kind part_kind;
	struct buf reasons;
	uint64_t tar_size, entries;
	bool summed;			/* the reader came to its end */
	bool unwanted;			/* the coordinator does not know it any more */
	/* the parser at work */
	struct launcher_run run;
	struct buf frames;		/* bytes read, not yet whole frames */
	char crumb[640];
	struct diag parse_diag;
	bool parser_gone;
};

static int
send_message(struct slot *s, const struct wire_message *m)
{
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	if ((rc = wire_write(&b, m)) == 0)
		rc = frame_write(s->fd, SLOT_FRAME, buf_view(&b), NULL);
	buf_done(&b);
	if (rc < 0)
		_exit(0);	/* the link is gone, and so are we */
	return (rc);
}

static void
add_reason(struct slot *s, struct str r)
{
	/* the first ones tell most; more than fit are dropped */
	if (s->reasons.n + r.n + 1 < REASONS_MAX &&
	    buf_str(&s->reasons, r) == 0 && buf_byte(&s->reasons, '\n') < 0)
		return;
}

/* -------------------------------------------------------------------- parts */

static void
send_part(struct slot *s, enum wire_part_kind kind, struct str bytes, bool more)
{
	struct wire_message m = { .type = WIRE_PART };

	m.u.part = (struct wire_part) { s->job.job, s->job.attempt, s->seq++,
		kind, more, bytes };
	digest_add(s->digest, bytes.p, bytes.n);
	send_message(s, &m);
}

static void
flush_part(struct slot *s)
{
	if (s->part.n != 0)
		send_part(s, s->part_kind, buf_view(&s->part), false);
	buf_clear(&s->part);
}

static void
add_record(struct slot *s, enum wire_part_kind kind, struct str r)
{
	if (s->part_kind != kind || s->part.n + r.n > LIMIT_WIRE_PART)
		flush_part(s);
	s->part_kind = kind;
	if (buf_str(&s->part, r) == 0)
		return;
	/* longer than a part: in pieces */
	while (r.n > LIMIT_WIRE_PART) {
		send_part(s, kind, str_sub(r, 0, LIMIT_WIRE_PART), true);
		r = str_sub(r, LIMIT_WIRE_PART, r.n);
	}
	send_part(s, kind, r, false);
}

/* Start the results over: a part with seq 0 tells the coordinator. */
static void
restart_parts(struct slot *s)
{
	s->seq = 0;
	s->part_kind = 0;
	buf_clear(&s->part);
	buf_clear(&s->reasons);
	digest_reset(s->digest);
	s->tar_size = s->entries = 0;
	s->summed = false;
}

/* ------------------------------------------------------------ the parser's side */

static void
on_frame(struct slot *s, uint8_t type, struct str body)
{
	struct cur c = cur_str(body);
	uint32_t n;

	switch (type) {
	case PARSE_FILE:
		add_record(s, WIRE_PART_FILE, body);
		break;
	case PARSE_TREE:
		add_record(s, WIRE_PART_TREE, body);
		break;
	case PARSE_RESULT:
		add_record(s, WIRE_PART_DOCUMENT, body);
		break;
	case PARSE_INCOMPLETE:
		add_reason(s, body);
		break;
	case PARSE_DIAG:
		diag_set(&s->parse_diag, ERR_MALFORMED, 0, "%.*s",
		    (int)(body.n < 400 ? body.n : 400), body.p);
		break;
	case PARSE_SUMMARY:
		s->summed = true;
		if (!unpack_array(&c, &n) || !unpack_u64(&c, &s->tar_size) ||
		    !unpack_u64(&c, &s->entries))
			s->tar_size = s->entries = 0;
		break;
	}
}

/* Whole frames among the bytes read so far. */
static int
take_frames(struct slot *s)
{
	struct cur c = cur_of(s->frames.p, s->frames.n), at, body;
	uint32_t n;
	uint8_t type;

	for (at = c;; at = c) {
		if (!cur_u32be(&c, &n) || !cur_u8(&c, &type) ||
		    !cur_take(&c, n, &body))
			break;
		on_frame(s, type, cur_rest(&body));
	}
	memmove(s->frames.p, at.p, cur_left(&at));
	s->frames.n = cur_left(&at);
	return (0);
}

/* Read what the parser wrote.  False at its end. */
static bool
drain(struct slot *s)
{
	uint8_t *to = buf_room(&s->frames, 65536);
	ssize_t n;

	if (to == NULL)
		return (false);	/* a frame larger than any honest one */
	do
		n = read(s->run.out, to, 65536);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return (false);
	s->frames.n += (size_t)n;
	take_frames(s);
	return (true);
}

/* Feed ${n} bytes, reading results meanwhile.  A parser that stopped reading
 * (it is done, or dead) just gets no more: hashing goes on. */
static int
feed(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct slot *s = arg;
	struct pollfd f[2];
	ssize_t w;

	(void)d;
	while (n > 0 && !s->parser_gone) {
		f[0] = (struct pollfd) { .fd = s->run.in, .events = POLLOUT };
		f[1] = (struct pollfd) { .fd = s->run.out, .events = POLLIN };
		if (poll(f, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			s->parser_gone = true;
			break;
		}
		if (f[1].revents != 0 && !drain(s)) {
			s->parser_gone = true;
			break;
		}
		if (f[0].revents & (POLLERR | POLLHUP)) {
			/* no more input wanted; results may still come */
			s->parser_gone = true;
			break;
		}
		if (f[0].revents == 0)
			continue;
		w = write(s->run.in, p, n);
		if (w < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (w < 0) {
			s->parser_gone = true;
			break;
		}
		p += w;
		n -= (size_t)w;
	}
	return (0);
}

static int
start_parser(struct slot *s, enum parse_task task, struct str arg,
    struct diag *d)
{
	int rc;

	buf_clear(&s->frames);
	s->crumb[0] = '\0';
	s->parse_diag = (struct diag) { 0 };
	s->parser_gone = false;
	if ((rc = launcher_run(s->launcher, task, arg, -1, &s->run, d)) < 0)
		return (rc);
	/* poll decides when to write */
	(void)fcntl(s->run.in, F_SETFL, O_NONBLOCK);
	return (0);
}

/* End of input: read the rest of the results and the child's own result. */
static int
finish_parser(struct slot *s, struct diag *d)
{
	int rc;

	close(s->run.in);
	s->run.in = -1;
	while (drain(s))
		;
	rc = launcher_wait(&s->run, d);
	text_escape(str_of(s->run.note), s->crumb, sizeof(s->crumb));
	if (rc < 0 && s->parse_diag.text[0] != '\0' && (d->text[0] == '\0' ||
	    strncmp(d->text, "signal", 6) != 0))
		*d = s->parse_diag;
	/* a failure without words must not pass for a whole result */
	if (rc < 0 && d->text[0] == '\0')
		diag_set(d, rc, 0, "the reader gave up: %s", err_name(rc));
	return (rc);
}

/* ------------------------------------------------------------------- unwanted */

/* Does the message say that nobody waits for this job any more? */
static bool
says_unwanted(const struct slot *s, const struct wire_message *m)
{
	return (m->type == WIRE_UNKNOWN_JOB && m->u.ack.job == s->job.job &&
	    m->u.ack.attempt == s->job.attempt);
}

/* Asked during transfers. */
static bool
unwanted(void *arg)
{
	struct slot *s = arg;
	struct pollfd f = { .fd = s->fd, .events = POLLIN };
	struct wire_message m;
	struct buf b;
	uint8_t type;

	if (s->unwanted || poll(&f, 1, 0) <= 0)
		return (s->unwanted);
	buf_init(&b, LIMIT_WIRE_MESSAGE);
	if (frame_read(s->fd, &type, &b, NULL) <= 0)
		_exit(0);	/* the link is gone, and so are we */
	s->unwanted = wire_read(buf_view(&b), &m, NULL) == 0 &&
	    says_unwanted(s, &m);
	explicit_bzero(b.p, b.n);	/* a token that comes late */
	buf_done(&b);
	return (s->unwanted);
}

/* --------------------------------------------------------------------- tokens */

struct place {
	struct slot *slot;
	uint32_t index;
};

/* The link answers with the token of this job, or not at all. */
static int
await_token(struct slot *s, struct wire_message *m, struct buf *b,
    struct diag *d)
{
	struct pollfd f = { .fd = s->fd, .events = POLLIN };
	uint8_t type;
	int rc;

	for (;;) {
		if (poll(&f, 1, TOKEN_WAIT_MS) == 0)
			return (diag_set(d, ERR_TEMPORARY, 0,
			    "no token from the coordinator for %d s",
			    TOKEN_WAIT_MS / 1000));
		if (frame_read(s->fd, &type, b, d) <= 0)
			_exit(0);
		if ((rc = wire_read(buf_view(b), m, d)) < 0)
			return (rc);
		if (says_unwanted(s, m)) {
			s->unwanted = true;
			return (diag_set(d, ERR_TEMPORARY, 0,
			    "nobody waits for it any more"));
		}
		if (m->type == WIRE_TOKEN_REPLY &&
		    m->u.token_reply.job == s->job.job &&
		    m->u.token_reply.attempt == s->job.attempt)
			return (0);
	}
}

/* Ask for the token of a place.  What comes may be that of the place before, for
 * which nobody waits any more: it is no business of this registry's.  Nothing else
 * comes then, as the coordinator takes one question of a job at a time. */
static int
token_of(struct slot *s, uint32_t place, const char *challenge,
    struct wire_message *m, struct buf *b, struct diag *d)
{
	const struct wire_message question = { .type = WIRE_TOKEN,
		.u.token = { s->job.job, s->job.attempt, place,
		str_sub(str_of(challenge), 0, 8 * WIRE_TEXT) } };
	int rc;

	for (int i = 0; i < WIRE_PLACES; i++) {
		send_message(s, &question);
		if ((rc = await_token(s, m, b, d)) < 0 ||
		    m->u.token_reply.place == place)
			return (rc);
		explicit_bzero(b->p, b->n);
	}
	return (diag_set(d, ERR_TEMPORARY, 0,
	    "only tokens of other registries from the coordinator"));
}

static int
ask_token(void *arg, const char *challenge, const char *repository,
    struct registry_auth *ret, struct diag *d)
{
	struct place *p = arg;
	struct slot *s = p->slot;
	struct wire_message m;
	struct buf b;
	int rc;

	(void)repository;
	buf_init(&b, LIMIT_WIRE_MESSAGE);
	if ((rc = token_of(s, p->index, challenge, &m, &b, d)) == 0) {
		struct wire_token_reply *t = &m.u.token_reply;

		if ((rc = t->error) < 0)
			diag_set(d, t->error, 0, "%.*s", STR_ARG(t->reason));
		else if (t->kind != WIRE_AUTH_NONE) {
			ret->kind = t->kind == WIRE_AUTH_BASIC ?
			    REGISTRY_BASIC : REGISTRY_BEARER;
			ret->value = mem_strndup(t->value);
		}
	}
	if (b.p != NULL)
		explicit_bzero(b.p, b.n);
	buf_done(&b);
	return (rc);
}

/* ----------------------------------------------------------------------- layer */

/* The name of the analyzer in a breadcrumb. */
static struct str
crumb_analyzer(const char *crumb)
{
	return (str_sub(str_of(crumb), 0, strcspn(crumb, ",")));
}

/* One pass over the blob.  The fetch's failure wins over the parser's. */
static int
layer_pass(struct slot *s, struct registry_conn *c, const char *repository,
    const char *digest, const struct str *skip, size_t nskip, uint64_t *size,
    int *parsed, struct diag *parse_d, struct diag *d)
{
	struct buf arg;
	int rc;

	buf_init(&arg, LAUNCHER_ARG);
	restart_parts(s);
	if ((rc = parse_layer_arg(&arg, s->job.hashes, s->sip_key, skip,
	    nskip)) < 0 ||
	    (rc = start_parser(s, PARSE_LAYER, buf_view(&arg), d)) < 0)
		goto out;
	rc = registry_get_blob(c, repository, digest, s->job.size, feed, s,
	    size, d);
	*parse_d = (struct diag) { 0 };
	*parsed = finish_parser(s, parse_d);
out:
	buf_done(&arg);
	return (rc);
}

static int
read_layer(struct slot *s, struct registry_conn *c, const char *repository,
    uint64_t *size, struct diag *d)
{
	char *digest = mem_strndup(s->job.reference), crashed[700], name[64];
	struct str skip;
	struct diag pd;
	int rc, parsed = 0;

	rc = layer_pass(s, c, repository, digest, NULL, 0, size, &parsed, &pd,
	    d);
	if (rc == 0 && parsed < 0 && strncmp(pd.text, "signal", 6) == 0) {
		snprintf(crashed, sizeof(crashed), "%.32s in %.640s", pd.text,
		    s->crumb[0] != '\0' ? s->crumb : "the layer reader");
		snprintf(name, sizeof(name), "%.*s",
		    STR_ARG(crumb_analyzer(s->crumb)));
		skip = str_of(name);
		log_warn("parser crashed, trying once more without it",
		    "layer", "%s", digest, "reason", "%s", crashed, NULL);
		rc = layer_pass(s, c, repository, digest, &skip,
		    skip.n != 0, size, &parsed, &pd, d);
		if (rc == 0)
			add_reason(s, str_of(crashed));
	}
	if (rc == 0 && parsed == ERR_TEMPORARY) {
		*d = pd;
		rc = ERR_TEMPORARY;
	} else if (rc == 0 && parsed < 0)
		/* not a fault of the fetch: what there is stands, incomplete */
		add_reason(s, str_of(pd.text));
	else if (rc == 0 && !s->summed)
		add_reason(s, str_of("the layer reader ended without a summary"));
	free(digest);
	return (rc);
}

/* -------------------------------------------------------------------- document */

static int
on_config(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct buf *b = arg;

	if (buf_add(b, p, n) < 0)
		return (diag_set(d, ERR_LIMIT, b->max,
		    "config is larger than %zu bytes", b->max));
	return (0);
}

static int
put_frame(struct slot *s, struct str bytes, struct diag *d)
{
	uint8_t head[5] = { (uint8_t)(bytes.n >> 24), (uint8_t)(bytes.n >> 16),
		(uint8_t)(bytes.n >> 8), (uint8_t)bytes.n, 0 };

	feed(s, head, sizeof(head), d);
	return (feed(s, (const uint8_t *)bytes.p, bytes.n, d));
}

/* Read manifest (and config) in the sandbox; the result is a part. */
static int
parse_document(struct slot *s, const struct registry_manifest *m,
    const struct buf *config, struct diag *d)
{
	int rc;

	restart_parts(s);
	if ((rc = start_parser(s, PARSE_DOCUMENT,
	    str_of(config != NULL ? "config" : ""), d)) < 0)
		return (rc);
	put_frame(s, str_of(m->content_type), d);
	put_frame(s, buf_view(&m->body), d);
	if (config != NULL)
		put_frame(s, buf_view(config), d);
	if ((rc = finish_parser(s, d)) < 0)
		return (rc);
	if (s->part.n == 0 && s->seq == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the document reader gave no result"));
	return (0);
}

/* What the first reading says about the config: still whole in s->part. */
static int
config_wanted(struct slot *s, char digest[80], int64_t *size, struct diag *d)
{
	struct pool *pool = pool_new(64 * MIB);
	struct cur c = cur_of(s->part.p, s->part.n);
	struct wire_document w;
	int rc = 0;

	digest[0] = '\0';
	if (s->seq != 0)	/* large: an index; images stay below a part */
		goto out;
	if ((rc = wire_document_read(&c, pool, &w, d)) == 0 &&
	    str_eqz(w.kind, "image")) {
		snprintf(digest, 80, "%.*s", STR_ARG(w.config_digest));
		*size = w.size;
	}
out:
	pool_free(pool);
	return (rc);
}

static int
read_document(struct slot *s, struct registry_conn *c, const char *repository,
    uint64_t *size, struct diag *d)
{
	char *reference = mem_strndup(s->job.reference), digest[80];
	struct registry_manifest m = { 0 };
	struct buf config;
	int64_t config_size = -1;
	uint64_t n = 0;
	int rc;

	buf_init(&config, LIMIT_CONFIG_BYTES);
	if ((rc = registry_get_manifest(c, repository, reference, &m, d)) < 0 ||
	    (rc = parse_document(s, &m, NULL, d)) < 0 ||
	    (rc = config_wanted(s, digest, &config_size, d)) < 0)
		goto out;
	*size = m.body.n;
	if (digest[0] != '\0') {
		if ((rc = registry_get_blob(c, repository, digest, config_size,
		    on_config, &config, &n, d)) < 0)
			goto out;
		rc = parse_document(s, &m, &config, d);
	}
out:
	registry_manifest_done(&m);
	buf_done(&config);
	free(reference);
	return (rc);
}

/* ------------------------------------------------------------------------- job */

/* Of two failures the one to report: what another try may cure first, then
 * what an operator can mend, then what is wrong with the bytes. */
static int
rank(int code)
{
	switch (code) {
	case ERR_TEMPORARY: return (4);
	case ERR_DENIED: return (3);
	case ERR_NOT_FOUND: return (1);
	default: return (2);
	}
}

static void
send_done(struct slot *s, int rc, const struct diag *d, uint64_t size,
    uint32_t retry_after, int32_t place)
{
	struct wire_message m = { .type = WIRE_DONE };

	if (rc < 0) {
		buf_clear(&s->reasons);
		add_reason(s, str_of(d->text[0] != '\0' ? d->text :
		    err_name(rc)));
		buf_clear(&s->part);
	}
	flush_part(s);
	m.u.done = (struct wire_done) { .job = s->job.job,
		.attempt = s->job.attempt, .outcome = rc, .parts = s->seq,
		.size = size, .tar_size = s->tar_size, .entries = s->entries,
		.retry_after_s = retry_after, .place = place };
	digest_end(s->digest, m.u.done.sha256);
	digest_reset(s->digest);
	m.u.done.reasons = str_trim(buf_view(&s->reasons));
	send_message(s, &m);
}

static void
run_job(struct slot *s)
{
	struct diag d = { 0 }, best = { 0 };
	uint32_t retry_after = 0;
	int rc, kept = 0;
	uint64_t size = 0;

	restart_parts(s);
	s->unwanted = false;
	for (uint32_t i = 0; i < s->job.nplaces && !s->unwanted; i++) {
		struct place place = { s, i };
		char *url = mem_strndup(s->job.places[i].url);
		char *repository = mem_strndup(s->job.places[i].repository);
		struct registry_conn c = { .http = s->http, .url = url,
			.insecure = s->job.places[i].insecure,
			.auth = ask_token, .auth_arg = &place };

		d = (struct diag) { 0 };
		rc = s->job.kind == WIRE_JOB_LAYER ?
		    read_layer(s, &c, repository, &size, &d) :
		    read_document(s, &c, repository, &size, &d);
		if (c.retry_after_s > retry_after && rc == ERR_TEMPORARY)
			retry_after = c.retry_after_s;
		registry_conn_done(&c);
		free(url);
		free(repository);
		if (rc == 0) {
			send_done(s, 0, &d, size, 0, (int32_t)i);
			return;
		}
		if (kept == 0 || rank(rc) > rank(kept)) {
			kept = rc;
			best = d;
		}
	}
	if (s->job.nplaces == 0)
		kept = diag_set(&best, ERR_NOT_FOUND, 0,
		    "no registry holds it any more: not found");
	send_done(s, kept, &best, size, retry_after, -1);
}

_Noreturn void
slot_main(int fd, struct launcher *launcher, bool permissive)
{
	struct slot s = { .fd = fd, .launcher = launcher };
	struct wire_message m;
	struct buf in;
	struct diag d = { 0 };
	uint8_t type;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	s.http = http_new();
	http_set_stop(s.http, unwanted, &s);
	s.digest = digest_new();
	buf_init(&s.part, LIMIT_WIRE_PART);
	buf_init(&s.reasons, REASONS_MAX);
	buf_init(&s.frames, LIMIT_TREE_BYTES + LIMIT_INVENTORY_BYTES);
	buf_init(&in, LIMIT_WIRE_MESSAGE);
	if (!permissive && sandbox_enter(SANDBOX_FETCH, 0, &d) < 0) {
		log_error("slot cannot enter its sandbox", "reason", "%s",
		    d.text, NULL);
		_exit(1);
	}
	while (frame_read(fd, &type, &in, &d) > 0) {
		if (wire_read(buf_view(&in), &m, &d) < 0)
			_exit(1);
		if (m.type == WIRE_WELCOME)
			memcpy(s.sip_key, m.u.welcome.sip_key, 16);
		if (m.type != WIRE_JOB)
			continue;
		s.job = m.u.job;
		run_job(&s);
	}
	_exit(0);
}

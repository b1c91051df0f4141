/* Readers and how they are called. */
#include <errno.h>
#include <unistd.h>
#include "common/archive.h"
#include "common/inflate.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/registry.h"
#include "common/sandbox.h"
#include "coordinator/matcher/export.h"
#include "coordinator/matcher/feed.h"
#include "reader.h"
#include "webhook.h"

#define FRAME_RESULT 1
#define FRAME_DIAG 2

/* jansson's tree is about four times its text. */
#define READER_MEMORY ((size_t)512 << 20)
#define READER_S 30
#define FEED_MEMORY ((size_t)1 << 30)
#define FEED_S 7200

static int
read_input(int in, struct buf *b, struct diag *d)
{
	uint8_t *to;
	ssize_t n;

	for (;;) {
		if ((to = buf_room(b, 65536)) == NULL)
			return (diag_set(d, ERR_LIMIT, b->n,
			    "document of more than %zu bytes", b->n));
		if ((n = read(in, to, 65536)) == 0)
			return (0);
		if (n < 0 && errno != EINTR)
			return (diag_set(d, ERR_TEMPORARY, 0, "read: %s",
			    strerror(errno)));
		b->n += n > 0 ? (size_t)n : 0;
	}
}

/* Input, one function, one frame of result or diagnosis. */
static int
run(int in, int out, struct str arg, size_t max,
    int (*read_it)(struct str arg, struct str body, struct buf *, struct diag *))
{
	struct buf body, result;
	struct diag d = { 0 };
	int rc;

	buf_init(&body, max + 65536);
	buf_init(&result, 2 * LIMIT_LIST_BYTES);
	if ((rc = read_input(in, &body, &d)) == 0 &&
	    (rc = read_it(arg, buf_view(&body), &result, &d)) == 0)
		return (frame_write(out, FRAME_RESULT, buf_view(&result), &d));
	(void)frame_write(out, FRAME_DIAG, str_of(d.text), NULL);
	return (rc);
}

static int
catalog(struct str arg, struct str body, struct buf *out, struct diag *d)
{
	(void)arg;
	return (registry_document_read(REGISTRY_CATALOG, body, out, d));
}

static int
tags(struct str arg, struct str body, struct buf *out, struct diag *d)
{
	(void)arg;
	return (registry_document_read(REGISTRY_TAGS, body, out, d));
}

static int
token(struct str arg, struct str body, struct buf *out, struct diag *d)
{
	(void)arg;
	return (registry_document_read(REGISTRY_TOKEN, body, out, d));
}

static int
run_catalog(int in, int out, struct str arg)
{
	return (run(in, out, arg, LIMIT_LIST_BYTES, catalog));
}

static int
run_tags(int in, int out, struct str arg)
{
	return (run(in, out, arg, LIMIT_LIST_BYTES, tags));
}

static int
run_token(int in, int out, struct str arg)
{
	return (run(in, out, arg, LIMIT_TOKEN_BYTES, token));
}

static int
run_webhook(int in, int out, struct str arg)
{
	return (run(in, out, arg, LIMIT_WEBHOOK_BYTES, webhook_read));
}

/* ---------------------------------------------------------------------- feeds */

/* What stands beside advisories, in one frame. */
#define BESIDE_BYTES (READER_BESIDE_FRAME / 2)

struct feed_out {
	int fd;
	const struct feed_count *count;
	bool told;		/* that the input is an archive */
	struct buf b;
	struct buf beside;	/* entries not written yet */
	uint8_t beside_type;	/* of their frame; a feed has one kind */
};

/* Before anything else. */
static int
feed_tell(struct feed_out *o, struct diag *d)
{
	if (o->told || !o->count->archive)
		return (0);
	o->told = true;
	return (frame_write(o->fd, READER_FEED_ARCHIVE, str_of(""), d));
}

static int
feed_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct feed_out *o = arg;
	int rc;

	buf_clear(&o->b);
	if ((rc = feed_tell(o, d)) < 0 ||
	    (rc = advisory_write(&o->b, a)) < 0)
		return (rc);
	return (frame_write(o->fd, READER_FEED_ADVISORY, buf_view(&o->b), d));
}

static int
feed_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct feed_out *o = arg;
	char text[800];
	int rc;

	if ((rc = feed_tell(o, d)) < 0)
		return (rc);
	snprintf(text, sizeof(text), "%.*s: %s",
	    (int)(name.n < 250 ? name.n : 250), name.p, why->text);
	return (frame_write(o->fd, READER_FEED_MALFORMED, str_of(text), d));
}

static int
write_beside(struct feed_out *o, struct diag *d)
{
	int rc;

	if (o->beside.n == 0)
		return (0);
	rc = frame_write(o->fd, o->beside_type, buf_view(&o->beside), d);
	buf_clear(&o->beside);
	return (rc);
}

/* An entry was added with the result ${rc}. */
static int
added_beside(struct feed_out *o, uint8_t type, int rc, struct diag *d)
{
	if (rc < 0)
		return (diag_set(d, rc, 0, "an entry is too large"));
	o->beside_type = type;
	return (o->beside.n < BESIDE_BYTES ? 0 : write_beside(o, d));
}

static int
feed_exploit(void *arg, const struct exploit *e, struct diag *d)
{
	struct feed_out *o = arg;

	return (added_beside(o, READER_FEED_EXPLOITS,
	    exploit_write(&o->beside, e), d));
}

static int
feed_content_set(void *arg, const struct content_set *s, struct diag *d)
{
	struct feed_out *o = arg;

	return (added_beside(o, READER_FEED_CONTENT_SETS,
	    content_set_write(&o->beside, s), d));
}

static int
run_feed(int in, int out, struct str arg)
{
	static struct source_fd fd;
	struct feed_count count = { 0 };
	struct feed_out o = { .fd = out, .count = &count };
	struct feed_sink sink = { &o, feed_advisory, feed_malformed,
		feed_exploit, feed_content_set };
	const struct feed_importer *f = feed_find(arg);
	struct source src;
	struct diag d = { 0 };
	int rc;

	if (f == NULL)
		return (ERR_UNSUPPORTED);
	fd.fd = in;
	buf_init(&o.b, 2 * LIMIT_ADVISORY_BYTES);
	buf_init(&o.beside, READER_BESIDE_FRAME);
	src = source_fd(&fd);
	rc = feed_import(f, &src, str_of("upload"), &sink, &count, &d);
	if (rc == 0)
		rc = write_beside(&o, &d);
	if (rc == 0)	/* of an archive without documents */
		rc = feed_tell(&o, &d);
	if (rc == 0 && count.version[0] != '\0')
		rc = frame_write(out, READER_FEED_VERSION, str_of(count.version),
		    &d);
	if (rc < 0)
		(void)frame_write(out, READER_FEED_DIAG, str_of(d.text), NULL);
	return (rc);
}

/* --------------------------------------------------------------------- exports */

static int
export_manifest(void *arg, const struct export_manifest *m, struct diag *d)
{
	struct feed_out *o = arg;
	int rc;

	buf_clear(&o->b);
	if ((rc = export_manifest_write(&o->b, m)) < 0)
		return (diag_set(d, rc, 0, "the manifest is too large"));
	return (frame_write(o->fd, READER_EXPORT_MANIFEST, buf_view(&o->b), d));
}

static int
export_document(void *arg, const struct export_document *x, struct diag *d)
{
	struct feed_out *o = arg;
	int rc;

	buf_clear(&o->b);
	if ((rc = export_document_write(&o->b, x)) < 0)
		return (diag_set(d, rc, 0, "a document is too large"));
	return (frame_write(o->fd, READER_EXPORT_DOCUMENT, buf_view(&o->b), d));
}

static int
export_beside(void *arg, size_t i, struct str bytes, struct diag *d)
{
	struct feed_out *o = arg;
	int rc;

	buf_clear(&o->b);
	if ((rc = buf_byte(&o->b, (uint8_t)i)) < 0 ||
	    (rc = buf_str(&o->b, bytes)) < 0)
		return (diag_set(d, rc, 0, "a feed beside is too large"));
	return (frame_write(o->fd, READER_EXPORT_BESIDE, buf_view(&o->b), d));
}

static int
run_export(int in, int out, struct str arg)
{
	static struct source_fd fd;
	struct feed_out o = { .fd = out };
	struct export_sink sink = { &o, export_manifest, export_document,
		export_beside };
	struct source src;
	struct diag d = { 0 };
	int rc;

	(void)arg;
	fd.fd = in;
	buf_init(&o.b, READER_EXPORT_FRAME);
	src = source_fd(&fd);
	if ((rc = export_read(&src, &sink, &d)) < 0)
		(void)frame_write(out, READER_EXPORT_DIAG, str_of(d.text),
		    NULL);
	return (rc);
}

const struct launcher_task reader_tasks[READERS] = {
	[READER_CATALOG] = { "catalog", run_catalog, READER_MEMORY, READER_S },
	[READER_TAGS] = { "tags", run_tags, READER_MEMORY, READER_S },
	[READER_TOKEN] = { "token", run_token, READER_MEMORY, READER_S },
	[READER_WEBHOOK] = { "webhook", run_webhook, READER_MEMORY, READER_S },
	[READER_FEED] = { "feed", run_feed, FEED_MEMORY, FEED_S },
	[READER_EXPORT] = { "export", run_export, FEED_MEMORY, FEED_S },
};

void
reader_warm_up(void)
{
	struct json *j = NULL;

	archive_warm_up();
	inflate_warm_up();
	sandbox_warm_up();
	/* jansson seeds its hash tables from a file at the first object */
	if (json_parse(str_of("{\"a\":[1.5]}"), 100, &j, NULL) == 0)
		json_free(j);
}

int
reader_call(struct launcher *l, enum reader which, struct str arg,
    struct str in, struct buf *out, struct diag *d)
{
	struct launcher_run r;
	struct buf text;
	uint8_t type = 0;
	int rc, result;

	if ((rc = launcher_run(l, which, arg, -1, &r, d)) < 0)
		return (rc);
	/* a reader that died early is seen below, by its result */
	(void)write_all(r.in, in.p, in.n, NULL);
	close(r.in);
	r.in = -1;
	rc = frame_read(r.out, &type, out, d);
	buf_init(&text, DIAG_TEXT);
	if (rc > 0 && type == FRAME_DIAG && buf_add(&text, out->p,
	    out->n < DIAG_TEXT ? out->n : DIAG_TEXT) == 0)
		buf_clear(out);
	result = launcher_wait(&r, d);
	if (result < 0 && text.n != 0)
		diag_set(d, result, 0, "%.*s", (int)text.n, (char *)text.p);
	else if (result == 0 && (rc <= 0 || type != FRAME_RESULT))
		result = diag_set(d, ERR_MALFORMED, 0,
		    "the reader gave no result");
	buf_done(&text);
	return (result);
}

int
reader_registry(void *launcher, enum registry_document document, struct str body,
    struct buf *out, struct diag *d)
{
	enum reader which = document == REGISTRY_CATALOG ? READER_CATALOG :
	    document == REGISTRY_TAGS ? READER_TAGS : READER_TOKEN;

	return (reader_call(launcher, which, (struct str) { NULL, 0 }, body,
	    out, d));
}

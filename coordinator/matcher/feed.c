/* Feeds: streams of documents to importers; see feed.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "feed.h"
#include "common/archive.h"
#include "common/limits.h"
#include "common/mem.h"

static const struct feed_importer *const importers[] = {
#define FEED(name) &feed_##name,
#include "feed_list.h"
#undef FEED
};

const struct feed_importer *
feed_find(struct str name)
{
	for (size_t i = 0; i < sizeof(importers) / sizeof(importers[0]); i++)
		if (str_eqz(name, importers[i]->name))
			return (importers[i]);
	return (NULL);
}

const struct feed_importer *
feed_at(size_t i)
{
	return (i < sizeof(importers) / sizeof(importers[0]) ? importers[i] :
	    NULL);
}

const struct feed_importer *
feed_of_document(struct str bytes)
{
	const struct feed_importer *other = NULL;

	for (size_t i = 0; i < sizeof(importers) / sizeof(importers[0]); i++) {
		const char *mark = importers[i]->mark;

		if (mark == NULL)
			other = importers[i];
		else if (bytes.n > 0 && (memmem(bytes.p, bytes.n, mark,
		    strlen(mark)) != NULL || (mark[0] == '\n' &&
		    str_starts(bytes, mark + 1))))
			return (importers[i]);
	}
	return (other);
}

/* One import: its parts and the sink's own failure, which is no document's. */
struct run {
	const struct feed_importer *importer;	/* NULL = by each document's mark */
	const struct feed_sink *sink;
	struct feed_count *count;
	int failed;
	struct diag why_failed;
};

static int
pass_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct run *r = arg;
	int rc = r->sink->advisory(r->sink->arg, a, &r->why_failed);

	if (rc < 0) {
		r->failed = rc;
		if (d != NULL)
			*d = r->why_failed;
	}
	return (rc);
}

static int
report_malformed(struct run *r, struct str name, const struct diag *why,
    struct diag *d)
{
	r->count->malformed++;
	return (r->sink->malformed(r->sink->arg, name, why, d));
}

static int
pass_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct run *r = arg;
	int rc = report_malformed(r, name, why, &r->why_failed);

	if (rc < 0) {
		r->failed = rc;
		if (d != NULL)
			*d = r->why_failed;
	}
	return (rc);
}

static int
pass_exploit(void *arg, const struct exploit *e, struct diag *d)
{
	struct run *r = arg;
	int rc = r->sink->exploit == NULL ? 0 :
	    r->sink->exploit(r->sink->arg, e, &r->why_failed);

	if (rc < 0) {
		r->failed = rc;
		if (d != NULL)
			*d = r->why_failed;
	}
	return (rc);
}

/* The largest document that ${f} takes, or any importer when it is NULL. */
static size_t
max_document(const struct feed_importer *f)
{
	if (f == NULL)
		return (LIMIT_FEED_DOCUMENT);
	return (f->max != 0 ? f->max : LIMIT_ADVISORY_BYTES);
}

static int
import_document(struct run *r, struct str name, struct str bytes,
    struct diag *d)
{
	const struct feed_importer *importer = r->importer;
	struct feed_sink sink = { .arg = r, .advisory = pass_advisory,
		.malformed = pass_malformed, .exploit = pass_exploit };
	struct diag why = { .code = ERR_OK };
	int rc;

	if (importer == NULL)
		importer = feed_of_document(bytes);
	if (bytes.n > max_document(importer))
		rc = diag_set(&why, ERR_LIMIT, 0, "%s document larger than %zu "
		    "bytes", importer->name, max_document(importer));
	else
		rc = importer->document(bytes, &sink, r->count, &why);
	if (r->failed < 0) {
		if (d != NULL)
			*d = r->why_failed;
		return (r->failed);
	}
	return (rc < 0 ? report_malformed(r, name, &why, d) : 0);
}

/* ------------------------------------------------------------------ zip or document */

/* A source that gives back the first piece that was looked at. */
struct peeked {
	const struct source *src;
	const uint8_t *p;
	int64_t n;
};

static int64_t
peeked_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct peeked *k = arg;
	int64_t n = k->n;

	if (k->p == NULL)
		return (k->src->read(k->src->arg, ret, d));
	*ret = k->p;
	k->p = NULL;
	return (n);
}

static bool
is_document(struct str name)
{
	if (str_ends(name, ".gz"))
		name.n -= strlen(".gz");
	return (str_ends(name, ".json") || str_ends(name, ".xml") ||
	    str_ends(name, ".csv"));
}

static int
import_zip(struct run *r, const struct source *src, struct diag *d)
{
	struct archive_reader *zip = archive_open_zip(src);
	struct archive_item item;
	struct diag why;
	struct buf b;
	int rc;

	buf_init(&b, max_document(r->importer));
	while ((rc = archive_next(zip, &item, d)) > 0) {
		if (item.type != ARCHIVE_FILE || (!is_document(item.path) &&
		    (item.finding == NULL || item.path.n != 0)))
			continue;
		buf_clear(&b);
		if (item.finding != NULL)	/* its name, if nothing else */
			rc = diag_set(&why, ERR_UNSUPPORTED, 0, "%s",
			    item.finding);
		else
			rc = archive_content(zip, max_document(r->importer),
			    &b, &why);
		if (rc == ERR_LIMIT || rc == ERR_UNSUPPORTED)
			rc = report_malformed(r, item.path, &why, d);
		else if (rc == 0)
			rc = import_document(r, item.path, buf_view(&b), d);
		else if (d != NULL)
			*d = why;	/* the zip itself ends here */
		if (rc < 0)
			break;
	}
	buf_done(&b);
	archive_close(zip);
	return (rc);
}

static int
import_single(struct run *r, const struct source *src, struct str name,
    struct diag *d)
{
	const uint8_t *p;
	struct buf b;
	int64_t n;
	int rc = 0;

	buf_init(&b, max_document(r->importer));
	while (rc == 0 && (n = src->read(src->arg, &p, d)) != 0) {
		if (n < 0)
			rc = (int)n;
		else if (buf_add(&b, p, (size_t)n) < 0)
			rc = diag_set(d, ERR_LIMIT, b.n,
			    "advisory document larger than %zu bytes",
			    max_document(r->importer));
	}
	if (rc == 0)
		rc = import_document(r, name, buf_view(&b), d);
	buf_done(&b);
	return (rc);
}

static int64_t
inflated_read(void *arg, const uint8_t **ret, struct diag *d)
{
	return (inflate_read(arg, ret, d));
}

/* A document, compressed or not. */
static int
import_inflated(struct run *r, const struct source *src, struct str name,
    struct diag *d)
{
	struct inflate *z = inflate_new(src, &(struct inflate_limits) {
		.in = LIMIT_FEED_BYTES, .ratio = LIMIT_RATIO,
		.ratio_free = LIMIT_RATIO_FREE });
	struct source plain = { .read = inflated_read, .arg = z };
	int rc = import_single(r, &plain, name, d);

	inflate_free(z);
	return (rc);
}

int
feed_import(const struct feed_importer *importer, const struct source *src,
    struct str name, const struct feed_sink *sink, struct feed_count *count,
    struct diag *d)
{
	struct run r = { .importer = importer, .sink = sink, .count = count };
	struct peeked k = { .src = src };
	struct source again = { .read = peeked_read, .arg = &k };

	k.n = src->read(src->arg, &k.p, d);
	if (k.n < 0)
		return ((int)k.n);
	if (k.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0, "feed: an empty file"));
	/* "PK" also begins a zip without entries (PK\5\6) */
	if (k.n >= 2 && k.p[0] == 'P' && k.p[1] == 'K')
		return (import_zip(&r, &again, d));
	return (import_inflated(&r, &again, name, d));
}

/* --------------------------------------------------------------------- local files */

static int
import_file(const struct feed_importer *f, const char *path,
    const struct feed_sink *sink, struct feed_count *count, struct diag *d)
{
	struct source_fd *s = mem_alloc(sizeof(*s));
	struct source src;
	int rc;

	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0) {
		rc = diag_set(d, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED, 0,
		    "cannot open %s: %s", path, strerror(errno));
	} else {
		src = source_fd(s);
		rc = feed_import(f, &src, str_of(path), sink, count, d);
		close(s->fd);
	}
	free(s);
	return (rc);
}

static int
is_wanted(const struct dirent *e)
{
	return (e->d_name[0] != '.');
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return (strcmp((*a)->d_name, (*b)->d_name));
}

/* Everything in one folder; ${depth} more levels below it.  *${found} counts
 * the files read. */
static int
import_folder(const struct feed_importer *f, const char *path, int depth,
    const struct feed_sink *sink, struct feed_count *count, size_t *found,
    struct diag *d)
{
	struct dirent **v = NULL;
	struct stat st;
	char *child;
	int n, rc = 0;

	n = scandir(path, &v, is_wanted, by_bytes);
	if (n < 0)
		return (diag_set(d, ERR_DENIED, 0, "cannot read folder %s: %s",
		    path, strerror(errno)));
	for (int i = 0; i < n; i++) {
		struct str name = str_of(v[i]->d_name);

		child = mem_printf("%s/%s", path, v[i]->d_name);
		if (rc == 0 && stat(child, &st) == 0 && S_ISDIR(st.st_mode)) {
			if (depth > 0)
				rc = import_folder(f, child, depth - 1, sink,
				    count, found, d);
		} else if (rc == 0 && (is_document(name) ||
		    str_ends(name, ".zip"))) {
			(*found)++;
			rc = import_file(f, child, sink, count, d);
		}
		free(child);
		free(v[i]);
	}
	free(v);
	return (rc);
}

int
feed_import_path(const struct feed_importer *f, const char *path,
    const struct feed_sink *sink, struct feed_count *count, struct diag *d)
{
	struct stat st;
	size_t found = 0;
	int rc;

	if (stat(path, &st) != 0)
		return (diag_set(d, ERR_NOT_FOUND, 0, "cannot open %s: %s",
		    path, strerror(errno)));
	if (!S_ISDIR(st.st_mode))
		return (import_file(f, path, sink, count, d));
	rc = import_folder(f, path, 1, sink, count, &found, d);
	if (rc == 0 && found == 0)
		rc = diag_set(d, ERR_NOT_FOUND, 0,
		    "no advisories (*.json, *.xml, *.csv or *.zip) in %s", path);
	return (rc);
}

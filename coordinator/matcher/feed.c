/* Feeds: streams of documents to importers; see feed.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "feed.h"
#include "common/archive.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/unpack.h"
#include "namespace.h"

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

static bool
name_ok(struct str s, size_t max)
{
	size_t slash = str_find(s, '/');
	const struct feed_importer *kind = feed_find(str_sub(s, 0, slash));
	struct str name = str_sub(s, slash + 1, s.n);

	if (kind == NULL || s.n > max)
		return (false);
	if (kind->beside)
		return (slash == s.n);
	if (name.n == 0 || name.p[0] == ' ')
		return (false);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '\0' || strchr("abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .:_+-",
		    name.p[i]) == NULL)
			return (false);
	return (true);
}

bool
feed_name_ok(struct str s)
{
	return (name_ok(s, FEED_NAME_MAX));
}

bool
feed_stored_ok(struct str s)
{
	if (str_starts(s, FEED_FROZEN))
		return (name_ok(str_sub(s, strlen(FEED_FROZEN), s.n),
		    FEED_NAME_MAX + 1 + NAMESPACE_TEXT) &&
		    str_find(s, ' ') < s.n);
	return (feed_name_ok(s) && str_find(s, '/') < s.n);
}

const struct feed_importer *
feed_at(size_t i)
{
	return (i < sizeof(importers) / sizeof(importers[0]) ? importers[i] :
	    NULL);
}

/* One import: its parts and the sink's own failure, which is no document's. */
struct run {
	const struct feed_importer *importer;	/* NULL = by each document's mark */
	bool marked;		/* of local files only those with its mark */
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
	r->count->malformed_scores += r->count->kind == &feed_epss;
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

static int
pass_content_set(void *arg, const struct content_set *s, struct diag *d)
{
	struct run *r = arg;
	int rc = r->sink->content_set == NULL ? 0 :
	    r->sink->content_set(r->sink->arg, s, &r->why_failed);

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
		.malformed = pass_malformed, .exploit = pass_exploit,
		.content_set = pass_content_set };
	struct diag why = { .code = ERR_OK };
	int rc;

	if (importer == NULL)
		importer = feed_of_document(bytes);
	r->count->kind = importer;
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
	if (rc < 0)
		rc = report_malformed(r, name, &why, d);
	else
		rc = 0;
	r->count->kind = NULL;
	return (rc);
}

/* -------------------------------------------------------------- archive or document */

static const struct inflate_limits unpacked = { LIMIT_FEED_BYTES,
    LIMIT_FEED_UNPACKED, LIMIT_RATIO, LIMIT_RATIO_FREE };

static bool
is_document(struct str name)
{
	return (str_ends(name, ".json") || str_ends(name, ".xml") ||
	    str_ends(name, ".csv"));
}

/* Damage of one entry is that entry's; what ends the archive ends the import. */
static int
import_entry(struct run *r, struct archive_reader *a,
    const struct archive_item *item, struct buf *b, struct diag *d)
{
	struct diag why = { .code = ERR_OK };
	int rc;

	if (item->finding != NULL)	/* its name, if nothing else */
		rc = diag_set(&why, ERR_UNSUPPORTED, 0, "%s", item->finding);
	else
		rc = archive_content(a, b->max, b, &why);
	if (rc == 0)
		return (import_document(r, item->path, buf_view(b), d));
	if (archive_goes_on(a))
		return (report_malformed(r, item->path, &why, d));
	if (d != NULL)
		*d = why;
	return (rc);
}

static int
import_archive(struct run *r, struct archive_reader *a, struct diag *d)
{
	struct archive_item item;
	struct buf b;
	int rc;

	r->count->archive = true;
	buf_init(&b, max_document(r->importer));
	while ((rc = archive_next(a, &item, d)) > 0 ||
	    (rc < 0 && archive_goes_on(a))) {
		if (rc < 0)	/* in what was not looked at; archive_lost() */
			continue;
		if (item.type != ARCHIVE_FILE || (!is_document(item.path) &&
		    (item.finding == NULL || item.path.n != 0)))
			continue;
		buf_clear(&b);
		if ((rc = import_entry(r, a, &item, &b, d)) < 0)
			break;
	}
	buf_done(&b);
	return (rc);
}

static int
import_zip(struct run *r, const struct source *src, struct diag *d)
{
	struct archive_reader *a = archive_open_zip(src);
	int rc = import_archive(r, a, d);
	struct diag why;
	uint64_t lost;

	if (rc == 0)
		rc = archive_finish(a, d);
	if (rc == 0 && (lost = archive_lost(a)) > 0) {
		diag_set(&why, ERR_MALFORMED, 0,
		    "%llu entries of the zip are damaged beyond their names",
		    (unsigned long long)lost);
		r->count->malformed += lost - 1;
		rc = report_malformed(r, str_of(""), &why, d);
	} else if (rc == 0 && !archive_has_end(a)) {
		diag_set(&why, ERR_MALFORMED, 0, "the zip ends without the end "
		    "of its directory: it was cut, or entries are missing");
		rc = report_malformed(r, str_of(""), &why, d);
	}
	archive_close(a);
	return (rc);
}

static int
import_tar(struct run *r, const struct source *src, struct diag *d)
{
	static const struct inflate_limits none = { 0 };
	struct inflate *z = inflate_new(src, &none);
	struct archive_reader *a = archive_open_tar(z);
	int rc = import_archive(r, a, d);

	if (rc == 0 && (rc = archive_finish(a, d)) > 0)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "the tar ends without its end: it may have been cut");
	archive_close(a);
	inflate_free(z);
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

/* The magic of a ustar, GNU or pax header. */
static bool
is_tar(const struct source_peek *k)
{
	return (k->n == SOURCE_HEAD && memcmp(k->head + 257, "ustar", 5) == 0);
}

static int
import_source(struct run *r, const struct source *src, struct str name,
    struct diag *d)
{
	struct source_peek *k = mem_alloc(sizeof(*k));
	struct unpack *u = NULL;
	struct source bytes;
	int rc;

	if ((rc = unpack_new(src, &unpacked, &u, d)) < 0)
		goto out;
	bytes = unpack_source(u);
	if ((rc = source_peek(k, &bytes, d)) < 0)
		goto out;
	bytes = source_peeked(k);
	if (k->n == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "feed: an empty file");
	/* "PK" also begins a zip without entries (PK\5\6) */
	else if (k->n >= 2 && k->head[0] == 'P' && k->head[1] == 'K')
		rc = import_zip(r, &bytes, d);
	else if (is_tar(k))
		rc = import_tar(r, &bytes, d);
	else
		rc = import_single(r, &bytes, name, d);
out:
	unpack_free(u);
	free(k);
	return (rc);
}

int
feed_import(const struct feed_importer *importer, const struct source *src,
    struct str name, const struct feed_sink *sink, struct feed_count *count,
    struct diag *d)
{
	struct run r = { .importer = importer, .sink = sink, .count = count };

	return (import_source(&r, src, name, d));
}

const struct feed_importer *
feed_of_file(const struct source *src, size_t max)
{
	const struct feed_importer *ret = NULL;
	struct unpack *u = NULL;
	const uint8_t *p;
	struct buf b;
	int64_t n;

	if (unpack_new(src, &unpacked, &u, NULL) < 0)
		return (NULL);
	buf_init(&b, max);
	while ((n = unpack_read(u, &p, NULL)) > 0)
		if (buf_add(&b, p, (size_t)n < max - b.n ? (size_t)n :
		    max - b.n) < 0 || b.n == max)
			break;
	if (b.n > 0 && !str_starts(buf_view(&b), "PK") &&
	    (b.n < SOURCE_HEAD || memcmp(b.p + 257, "ustar", 5) != 0))
		ret = feed_of_document(buf_view(&b));
	buf_done(&b);
	unpack_free(u);
	return (ret);
}

/* --------------------------------------------------------------------- local files */

/* Marks of kinds stand near the beginning. */
#define HEAD_BYTES (256 * KIB)

static int
import_open(struct run *r, const char *path, int fd, struct diag *d)
{
	struct source_fd *s = mem_alloc(sizeof(*s));
	struct source src;
	int rc = 0;

	s->fd = fd;
	src = source_fd(s);
	if (!r->marked) {
		rc = import_source(r, &src, str_of(path), d);
	} else if (feed_of_file(&src, HEAD_BYTES) == r->importer &&
	    lseek(fd, 0, SEEK_SET) == 0) {
		(void)import_source(r, &src, str_of(path), d);
		rc = r->failed;
	}
	free(s);
	return (rc);
}

static int
import_file(struct run *r, const char *path, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), rc;

	if (fd < 0)
		return (r->marked ? 0 : diag_set(d, errno == ENOENT ?
		    ERR_NOT_FOUND : ERR_DENIED, 0, "cannot open %s: %s", path,
		    strerror(errno)));
	rc = import_open(r, path, fd, d);
	close(fd);
	return (rc);
}

/* By its name, whatever compressed it. */
static bool
is_feed(struct str name)
{
	name = unpack_name(name);
	return (is_document(name) || str_ends(name, ".zip") ||
	    str_ends(name, ".tar"));
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
import_folder(struct run *r, const char *path, int depth, size_t *found,
    struct diag *d)
{
	struct dirent **v = NULL;
	struct stat st;
	char *child;
	bool there;
	int n, rc = 0;

	n = scandir(path, &v, is_wanted, by_bytes);
	if (n < 0)
		return (diag_set(d, ERR_DENIED, 0, "cannot read folder %s: %s",
		    path, strerror(errno)));
	for (int i = 0; i < n; i++) {
		struct str name = str_of(v[i]->d_name);

		child = mem_printf("%s/%s", path, v[i]->d_name);
		there = stat(child, &st) == 0;
		if (rc == 0 && there && S_ISDIR(st.st_mode)) {
			if (depth > 0)
				rc = import_folder(r, child, depth - 1, found, d);
		} else if (rc == 0 && is_feed(name)) {
			(*found)++;
			/* a pipe would be waited for without end */
			rc = !there || S_ISREG(st.st_mode) ?
			    import_file(r, child, d) : r->marked ? 0 :
			    diag_set(d, ERR_DENIED, 0, "%s is no regular file",
			    child);
		}
		free(child);
		free(v[i]);
	}
	free(v);
	return (rc);
}

static int
import_path(struct run *r, const char *path, struct diag *d)
{
	struct stat st;
	size_t found = 0;
	int rc;

	if (stat(path, &st) != 0)
		return (diag_set(d, ERR_NOT_FOUND, 0, "cannot open %s: %s",
		    path, strerror(errno)));
	if (!S_ISDIR(st.st_mode))
		return (import_file(r, path, d));
	rc = import_folder(r, path, 1, &found, d);
	if (rc == 0 && found == 0)
		rc = diag_set(d, ERR_NOT_FOUND, 0,
		    "no advisories (*.json, *.xml, *.csv, *.zip or *.tar, compressed or not) in %s",
		    path);
	return (rc);
}

int
feed_import_path(const struct feed_importer *f, const char *path,
    const struct feed_sink *sink, struct feed_count *count, struct diag *d)
{
	struct run r = { .importer = f, .sink = sink, .count = count };

	return (import_path(&r, path, d));
}

int
feed_import_marked(const struct feed_importer *f, const char *path,
    const struct feed_sink *sink, struct feed_count *count, struct diag *d)
{
	struct run r = { .importer = f, .marked = true, .sink = sink,
		.count = count };

	return (import_path(&r, path, d));
}

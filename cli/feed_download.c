/* Fetching for `feed update`; see feed_download.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cli/feed_download.h"
#include "cli/message.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/proc.h"

/* A transfer that breaks once it has brought something is taken up again so often,
 * and so often in a row without more. */
#define ATTEMPTS 20
#define ATTEMPTS_IDLE 3
#define LINE_BYTES (4 * KIB)

/* ------------------------------------------------------------------ what is kept */

int
feed_temporary(struct diag *d)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	if ((fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) < 0)
		diag_set(d, ERR_TEMPORARY, 0, "no temporary file in %s: %s; name "
		    "another folder by TMPDIR", dir, strerror(errno));
	return (fd);
}

/* CACHE/scanfarm/DIGEST-OF-URL.part, or NULL where the user has no cache. */
static char *
part_path(const char *url)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *dir, *sub, *ret = NULL;
	uint8_t digest[DIGEST_BYTES];
	char hex[2 * 16 + 1];

	if (cache != NULL && cache[0] == '/')
		dir = mem_strdup(cache);
	else if (home != NULL && home[0] == '/')
		dir = mem_printf("%s/.cache", home);
	else
		return (NULL);
	sub = mem_printf("%s/scanfarm", dir);
	(void)mkdir(dir, 0700);
	if (mkdir(sub, 0700) == 0 || errno == EEXIST) {
		digest_of(url, strlen(url), digest);
		for (int i = 0; i < 16; i++)
			snprintf(hex + 2 * i, 3, "%02x", digest[i]);
		ret = mem_printf("%s/%s.part", sub, hex);
	}
	free(dir);
	free(sub);
	return (ret);
}

/* The validators of a part stand beside it: two lines. */
static char *
part_from(const char *part)
{
	return (mem_printf("%s.from", part));
}

static bool
part_read_from(const char *part, struct validators *v)
{
	char *path = part_from(part);
	FILE *f = fopen(path, "re");
	bool ok = f != NULL && fgets(v->etag, sizeof(v->etag), f) != NULL &&
	    fgets(v->last_modified, sizeof(v->last_modified), f) != NULL;

	if (f != NULL)
		fclose(f);
	free(path);
	v->etag[strcspn(v->etag, "\r\n")] = '\0';
	v->last_modified[strcspn(v->last_modified, "\r\n")] = '\0';
	return (ok);
}

static void
part_write_from(const char *part, const struct validators *v)
{
	char *path = part_from(part);
	FILE *f = fopen(path, "we");

	if (f != NULL) {
		fprintf(f, "%s\n%s\n", v->etag, v->last_modified);
		fclose(f);
	}
	free(path);
}

/* May bytes be asked for behind those that we have?  Not by a weak ETag. */
static bool
can_go_on(const struct validators *v)
{
	return ((v->etag[0] != '\0' && strncmp(v->etag, "W/", 2) != 0) ||
	    (v->etag[0] == '\0' && v->last_modified[0] != '\0'));
}

static int
part_open(const char *url, struct feed_file *f, struct diag *d)
{
	struct stat st;

	*f = (struct feed_file) { .fd = -1, .part = part_path(url) };
	if (f->part != NULL && ((f->fd = open(f->part, O_RDWR | O_CREAT |
	    O_CLOEXEC | O_NOFOLLOW, 0600)) < 0 ||
	    flock(f->fd, LOCK_EX | LOCK_NB) < 0)) {
		/* somebody else fetches it */
		if (f->fd >= 0)
			close(f->fd);
		free(f->part);
		f->part = NULL;
	}
	if (f->part == NULL)
		return ((f->fd = feed_temporary(d)) < 0 ? ERR_TEMPORARY : 0);
	if (part_read_from(f->part, &f->v) && can_go_on(&f->v) &&
	    fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode))
		f->n = (uint64_t)st.st_size;
	else
		f->v = (struct validators) { "", "" };
	return (0);
}

void
feed_file_done(struct feed_file *f, bool used)
{
	char *from;

	if (f->part != NULL && used) {
		from = part_from(f->part);
		unlink(f->part);
		unlink(from);
		free(from);
	}
	if (f->fd >= 0)
		close(f->fd);
	free(f->part);
	*f = (struct feed_file) { .fd = -1 };
}

/* --------------------------------------------------------------------- one file */

struct transfer {
	const char *label;
	struct feed_file *f;
	struct http_response r;
	bool begun;
	uint64_t total;		/* of the whole file; 0 = not said */
};

/* "bytes FROM-TO/TOTAL", or "bytes * /TOTAL". */
static bool
range_read(const char *text, uint64_t *from, uint64_t *total)
{
	struct str s = str_of(text), part, first;

	if (!str_starts(s, "bytes "))
		return (false);
	s = str_sub(s, strlen("bytes "), s.n);
	if (!str_split(&s, '/', &part) || !str_u64(s, total))
		return (false);
	return (str_eqz(part, "*") ? (*from = *total, true) :
	    str_split(&part, '-', &first) && str_u64(first, from));
}

/* The answer's head is known: does it go on, or begin anew? */
static int
begin(struct transfer *t, struct diag *d)
{
	struct feed_file *f = t->f;
	uint64_t from;

	t->begun = true;
	if (t->r.content_range[0] != '\0') {
		if (!range_read(t->r.content_range, &from, &t->total) ||
		    from != f->n) {
			f->n = 0;
			return (diag_set(d, ERR_TEMPORARY, 0, "%s: the server "
			    "sends another part than was asked for", t->label));
		}
		return (0);
	}
	t->total = t->r.content_length > 0 ? (uint64_t)t->r.content_length : 0;
	f->n = 0;
	snprintf(f->v.etag, sizeof(f->v.etag), "%s", t->r.etag);
	snprintf(f->v.last_modified, sizeof(f->v.last_modified), "%s",
	    t->r.last_modified);
	if (ftruncate(f->fd, 0) < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "%s", strerror(errno)));
	if (f->part != NULL)
		part_write_from(f->part, &f->v);
	return (0);
}

static int
on_bytes(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct transfer *t = arg;
	struct feed_file *f = t->f;
	int rc;

	if (!t->begun && (rc = begin(t, d)) < 0)
		return (rc);
	if (n > LIMIT_FEED_BYTES - f->n)
		return (diag_set(d, ERR_LIMIT, 0, "%s: the file is larger than "
		    "%llu bytes", t->label, (unsigned long long)LIMIT_FEED_BYTES));
	if (lseek(f->fd, (off_t)f->n, SEEK_SET) < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "%s", strerror(errno)));
	if ((rc = write_all(f->fd, p, n, d)) < 0)
		return (rc);
	f->n += n;
	if (f->n >> 20 != (f->n - n) >> 20 && t->total >> 20 > 0)
		progress("%s: %llu of %llu MiB fetched", t->label,
		    (unsigned long long)(f->n >> 20),
		    (unsigned long long)(t->total >> 20));
	else if (f->n >> 20 != (f->n - n) >> 20)
		progress("%s: %llu MiB fetched", t->label,
		    (unsigned long long)(f->n >> 20));
	return (0);
}

static void
add_header(struct http_request *q, size_t *n, char *room, size_t size,
    const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	snprintf(room, size, "%s: %s", name, value);
	q->headers[(*n)++] = room;
}

static void
add_conditions(struct http_request *q, size_t *n, char room[2][320],
    const struct validators *known)
{
	if (known == NULL)
		return;
	add_header(q, n, room[0], sizeof(room[0]), "If-None-Match", known->etag);
	add_header(q, n, room[1], sizeof(room[1]), "If-Modified-Since",
	    known->last_modified);
}

static int
status_error(const char *url, const struct http_response *r, struct diag *d)
{
	int rc = http_status_error(r->status);

	return (rc < 0 ? diag_set(d, rc, 0, "%s answers %ld", url, r->status) :
	    diag_set(d, ERR_UNSUPPORTED, 0, "%s answers %ld", url, r->status));
}

/* "Not changed" would make a feed fresh that nobody has looked at. */
static int
not_asked(const char *url, struct diag *d)
{
	return (diag_set(d, ERR_TEMPORARY, 0, "%s answers 304 to a request "
	    "without a condition: is a cache before it broken?", url));
}

/* One request: 1 all of it is there, 0 not changed, or an error. */
static int
attempt(struct http *http, const char *url, bool insecure,
    const struct validators *known, struct transfer *t, struct diag *d)
{
	struct http_request q = { .method = "GET", .url = url,
		.insecure = insecure, .allow_private = insecure,
		.sink = on_bytes, .sink_arg = t, .max_body = 64 * KIB };
	char room[4][320];
	uint64_t from, total;
	size_t n = 0;
	bool asked;
	int rc;

	t->begun = false;
	add_conditions(&q, &n, room, known);
	asked = n > 0;
	if (t->f->n > 0) {
		snprintf(room[2], sizeof(room[2]), "Range: bytes=%llu-",
		    (unsigned long long)t->f->n);
		q.headers[n++] = room[2];
		add_header(&q, &n, room[3], sizeof(room[3]), "If-Range",
		    t->f->v.etag[0] != '\0' ? t->f->v.etag :
		    t->f->v.last_modified);
	}
	if ((rc = http_send(http, &q, &t->r, d)) < 0)
		return (rc);
	if (t->r.status == 304)
		return (asked ? 0 : not_asked(url, d));
	if (t->r.status == 416 && t->f->n > 0) {
		if (range_read(t->r.content_range, &from, &total) &&
		    total == t->f->n)
			return (1);	/* nothing is behind what we have */
		t->f->n = 0;
		return (diag_set(d, ERR_TEMPORARY, 0, "%s: the part that was "
		    "there is of another file", t->label));
	}
	if (t->r.status / 100 != 2)
		return (status_error(url, &t->r, d));
	if (!t->begun && (rc = begin(t, d)) < 0)
		return (rc);
	if (t->total != 0 && t->f->n != t->total)
		return (diag_set(d, ERR_TEMPORARY, 0, "%s: the file ended early",
		    url));
	return (1);
}

int
feed_download(struct http *http, const char *label, const char *url,
    bool insecure, const struct validators *known, struct feed_file *ret,
    struct diag *d)
{
	struct transfer t = { .label = label, .f = ret };
	bool brought = false;
	int rc;

	if ((rc = part_open(url, ret, d)) < 0)
		return (rc);
	progress("%s: fetching", label);
	for (int i = 0, idle = 0;; i++) {
		uint64_t had = ret->n;

		rc = attempt(http, url, insecure, known, &t, d);
		http_response_done(&t.r);
		t.r = (struct http_response) { 0 };
		brought |= ret->n != had;
		idle = ret->n != had ? 0 : idle + 1;
		if (rc != ERR_TEMPORARY || i == ATTEMPTS || !brought ||
		    idle == ATTEMPTS_IDLE || (ret->n > 0 && !can_go_on(&ret->v)))
			break;
		progress("%s: interrupted after %llu bytes, going on", label,
		    (unsigned long long)ret->n);
		nanosleep(&(struct timespec) { .tv_sec = 1 << idle }, NULL);
	}
	progress_end();
	if (rc <= 0)	/* what can go on later stays */
		feed_file_done(ret, rc != ERR_TEMPORARY || !can_go_on(&ret->v));
	return (rc);
}

/* -------------------------------------------------------------- lines, documents */

struct lines {
	bool (*line)(void *arg, struct str);
	void *arg;
	struct buf rest;	/* of a line that is not whole */
	bool enough;
};

static int
on_lines(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct lines *l = arg;
	struct str s = str_n(p, n), line;
	size_t end;

	while ((end = str_find(s, '\n')) < s.n) {
		line = str_sub(s, 0, end);
		s = str_sub(s, end + 1, s.n);
		if (buf_str(&l->rest, line) < 0)
			break;
		if (!l->line(l->arg, str_trim(buf_view(&l->rest)))) {
			l->enough = true;
			return (ERR_USAGE);
		}
		buf_clear(&l->rest);
	}
	if (end < s.n || buf_str(&l->rest, s) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "a line of more than %zu bytes",
		    (size_t)LINE_BYTES));
	return (0);
}

int
feed_lines(struct http *http, const char *url, bool insecure,
    const struct validators *known, bool (*line)(void *arg, struct str),
    void *arg, struct validators *ret, struct diag *d)
{
	struct lines l = { .line = line, .arg = arg };
	struct http_request q = { .method = "GET", .url = url,
		.insecure = insecure, .allow_private = insecure,
		.sink = on_lines, .sink_arg = &l, .max_body = 64 * KIB };
	struct http_response r = { 0 };
	char room[2][320];
	size_t n = 0;
	int rc;

	buf_init(&l.rest, LINE_BYTES);
	add_conditions(&q, &n, room, known);
	rc = http_send(http, &q, &r, d);
	if (l.enough)
		rc = 0;
	else if (rc == 0 && r.status == 304 && n > 0)
		goto out;
	else if (rc == 0 && r.status == 304)
		rc = not_asked(url, d);
	else if (rc == 0 && r.status / 100 != 2)
		rc = status_error(url, &r, d);
	else if (rc == 0 && l.rest.n > 0)
		(void)line(arg, str_trim(buf_view(&l.rest)));
	if (rc == 0) {
		snprintf(ret->etag, sizeof(ret->etag), "%s", r.etag);
		snprintf(ret->last_modified, sizeof(ret->last_modified), "%s",
		    r.last_modified);
		rc = 1;
	}
out:
	buf_done(&l.rest);
	http_response_done(&r);
	return (rc);
}

int
feed_document(struct http *http, const char *url, bool insecure, struct buf *b,
    struct diag *d)
{
	struct http_request q = { .method = "GET", .url = url,
		.insecure = insecure, .allow_private = insecure,
		.max_body = b->max };
	struct http_response r = { 0 };
	int rc = http_send(http, &q, &r, d);

	if (rc == 0 && r.status / 100 != 2)
		rc = status_error(url, &r, d);
	buf_clear(b);
	if (rc == 0)
		rc = buf_str(b, buf_view(&r.body)) < 0 ?
		    diag_set(d, ERR_LIMIT, 0, "%s is too large", url) : 1;
	http_response_done(&r);
	return (rc);
}

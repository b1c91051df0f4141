/*
 * How each kind of source is asked for what changed.  The farm's row of a feed
 * says what was asked last (origin, ETag, Last-Modified) and up to when all is there
 * (watermark); it is set by the import that brings the documents, so that this
 * program may end at any moment.
 *
 * OSV lists the times and ids of all documents, the youngest first: those not
 * older than the watermark are fetched one by one, unless they are many, or a week
 * has passed, for then all.zip tells what is gone.  Behind an all.zip the list is
 * read once more: the zip may be older.
 *
 * A document that is listed and could not be had keeps the watermark where it is, so
 * that the next update asks for it again, and once more for those behind it.  One that
 * is lacking for good does so for a day.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "cli/feed_download.h"
#include "cli/feed_source.h"
#include "cli/feed_update.h"
#include "cli/message.h"
#include "common/format/xml.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/tar_write.h"
#include "coordinator/matcher/feed.h"

/* All of it is fetched anew after so long: what is gone is not listed. */
#define WHOLE_S (7 * 86400)
/* More documents than this come faster in the archive ... */
#define DOCUMENTS_MAX 1000
/* ... but for those behind an archive that was fetched just now, and where the
 * archive is hundreds of MiB (CSAF). */
#define DOCUMENTS_MANY 20000
/* "2026-01-02T03:04:05" of a time is compared: UTC, as both lists are. */
#define TIME_CHARS ((size_t)19)
#define REPOMD_BYTES (4 * MIB)
/* Names of deleted documents in one request, which the farm bounds. */
#define DELETIONS_BYTES (32 * KIB)
/* A document that is lacking so long after it was listed will not come. */
#define LACKING_S 86400
#define TIME_TEXT 64

struct run {
	const struct feed_update *u;
	struct http *http;
	const char *feed;
	const struct feed_importer *kind;
	/* the farm's row */
	char origin[1024], watermark[TIME_TEXT];
	struct validators v;
	int64_t whole_age_s, reader, documents;
};

/* -------------------------------------------------------------------- the farm */

static void
keep(char *to, size_t size, const struct json *j, const char *key)
{
	struct str s = json_get_str(j, key);

	snprintf(to, size, "%.*s", s.n < size ? (int)s.n : 0, s.n < size ?
	    s.p : "");
}

/* The farm's row of the feed; all empty when it has none. */
static int
read_row(struct run *r, struct diag *d)
{
	struct farm_answer a = { 0 };
	int rc = farm_call(r->u->farm, "GET", "/api/v1/feeds", str_of(""), &a, d);
	const struct json *j = NULL;

	for (size_t i = 0; rc == 0 && i < json_len(a.json); i++)
		if (str_eqz(json_get_str(json_at(a.json, i), "name"), r->feed))
			j = json_at(a.json, i);
	keep(r->origin, sizeof(r->origin), j, "origin");
	keep(r->watermark, sizeof(r->watermark), j, "watermark");
	keep(r->v.etag, sizeof(r->v.etag), j, "etag");
	keep(r->v.last_modified, sizeof(r->v.last_modified), j, "last_modified");
	r->whole_age_s = json_get_int(j, "whole_age_s", WHOLE_S + 1);
	r->reader = json_get_int(j, "reader", -1);
	r->documents = json_get_int(j, "documents", 0);
	farm_answer_done(&a);
	return (rc);
}

/* What the farm has of ${origin} was read by an importer like ours. */
static bool
stands(const struct run *r, const char *origin)
{
	return (!r->u->accept_missing && strcmp(r->origin, origin) == 0 &&
	    r->reader == (int64_t)r->kind->revision);
}

static bool
needs_whole(const struct run *r, const char *origin)
{
	return (!stands(r, origin) || r->watermark[0] == '\0' ||
	    r->whole_age_s > WHOLE_S);
}

/* The arguments that tell where a file is from, malloced. */
static char *
origin_arguments(const char *origin, const struct validators *v,
    const char *watermark, bool partial)
{
	char o[3 * 1024], e[3 * 256], m[3 * 64], w[3 * 64];

	farm_quote(str_of(origin), o, sizeof(o));
	farm_quote(str_of(v != NULL ? v->etag : ""), e, sizeof(e));
	farm_quote(str_of(v != NULL ? v->last_modified : ""), m, sizeof(m));
	farm_quote(str_of(watermark), w, sizeof(w));
	return (mem_printf("&origin=%s&etag=%s&last_modified=%s&watermark=%s%s",
	    o, e, m, w, partial ? "&partial=1" : ""));
}

static int
import(struct run *r, int fd, const char *origin, const struct validators *v,
    const char *watermark, bool partial, struct diag *d)
{
	char *more = origin_arguments(origin, v, watermark, partial);
	int rc = r->u->import(r->u->arg, r->feed, fd, more, d);

	free(more);
	return (rc);
}

static int
unchanged(struct run *r, struct diag *d)
{
	char *more = origin_arguments(r->origin, &r->v, "", false), *path;
	struct farm_answer a = { 0 };
	char quoted[400];
	int rc;

	farm_quote(str_of(r->feed), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/feeds/unchanged?feed=%s%s", quoted, more);
	if ((rc = farm_call(r->u->farm, "POST", path, str_of(""), &a, d)) == 0)
		r->u->unchanged(r->u->arg, r->feed, r->documents);
	farm_answer_done(&a);
	free(path);
	free(more);
	return (rc);
}

/* --------------------------------------------------------------------- one file */

/* The day before ${modified}, as HTTP writes it: in every time zone what the file
 * lacks changed later.  "" where it is no such time. */
static void
day_before(const char *modified, char ret[TIME_TEXT])
{
	struct tm tm = { 0 };
	time_t t;

	ret[0] = '\0';
	if (strptime(modified, "%a, %d %b %Y %H:%M:%S", &tm) == NULL)
		return;
	t = timegm(&tm) - 86400;
	gmtime_r(&t, &tm);
	strftime(ret, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
}

/* Fetch ${url}, all of the feed; as the farm's row says when ${origin} is NULL.
 * ${watermark} NULL: by when the server says that it changed. */
static int
update_whole(struct run *r, const char *url, const char *origin,
    const char *watermark, struct diag *d)
{
	bool same = origin == NULL && stands(r, url) &&
	    (r->v.etag[0] != '\0' || r->v.last_modified[0] != '\0');
	char before[TIME_TEXT];
	struct feed_file f;
	int rc = feed_download(r->http, r->feed, url, r->u->insecure,
	    same ? &r->v : NULL, &f, d);

	if (rc == 0)
		return (unchanged(r, d));
	if (rc < 0)
		return (rc);
	day_before(f.v.last_modified, before);
	if (f.n == 0)
		rc = diag_set(d, ERR_TEMPORARY, 0, "%s is empty", url);
	else
		rc = import(r, f.fd, origin != NULL ? origin : url,
		    origin != NULL ? NULL : &f.v, watermark != NULL ?
		    watermark : before, false, d);
	/* a farm that is away may come back; a file that is broken is useless */
	feed_file_done(&f, rc != ERR_TEMPORARY || f.n == 0);
	return (rc < 0 ? rc : 0);
}

static int
update_file(struct run *r, const char *url, struct diag *d)
{
	return (update_whole(r, url, NULL, "", d));
}

/* --------------------------------------------------------------- lists of changes */

struct change {
	char *name;		/* id or path */
	char time[TIME_TEXT];	/* as the source writes it */
};

struct changes {
	bool csaf;		/* PATH,TIME; else TIME,ID */
	const char *since;
	size_t max;
	struct change *v;	/* the youngest first */
	size_t n, cap;
	char newest[TIME_TEXT];
	bool many;		/* more than ${max} */
	bool ours, other;	/* there are lines of that form, of others */
};

static struct str
unquoted(struct str s)
{
	s = str_trim(s);
	return (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ?
	    str_sub(s, 1, s.n - 1) : s);
}

/* "2026-01-02T03:04:05", and what else. */
static bool
is_time(struct str s)
{
	static const char form[] = "0000-00-00T00:00:00";

	for (size_t i = 0; i < TIME_CHARS; i++)
		if (i >= s.n || (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' :
		    s.p[i] != form[i]))
			return (false);
	return (true);
}

static bool
on_change(void *arg, struct str line)
{
	struct changes *c = arg;
	struct str first, time;

	if (!str_split(&line, ',', &first))
		return (true);
	time = unquoted(c->csaf ? line : first);
	first = unquoted(c->csaf ? first : line);
	if (!is_time(time) || time.n >= sizeof(c->newest) || first.n == 0) {
		c->other = true;
		return (true);
	}
	c->ours = true;
	if (c->newest[0] == '\0')
		snprintf(c->newest, sizeof(c->newest), "%.*s", STR_ARG(time));
	if (memcmp(time.p, c->since, TIME_CHARS) < 0)
		return (false);
	if (c->n == c->max) {
		c->many = true;
		return (false);
	}
	MEM_ROOM(c->v, c->n, c->cap);
	c->v[c->n].name = mem_strndup(first);
	snprintf(c->v[c->n++].time, TIME_TEXT, "%.*s", STR_ARG(time));
	return (true);
}

/* A page that a network puts in its place is no list, nor is nothing: it would say
 * that nothing changed. */
static int
no_list(const char *url, const struct changes *c, struct diag *d)
{
	return (diag_set(d, ERR_TEMPORARY, 0, "%s is no list of %s: %s", url,
	    c->csaf ? "paths and times" : "times and ids", c->other ?
	    "no line of it has that form" : "it is empty"));
}

static void
changes_done(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].name);
	free(c->v);
}

/* BASE/a/b.json of "a/b", each part quoted; NULL for what is no path. */
static char *
document_url(const char *base, const char *name, bool csaf)
{
	char quoted[800];
	struct str s = str_of(name), part;
	char *url = mem_strdup(base), *longer;

	while (str_split(&s, '/', &part)) {
		if (part.n == 0 || part.p[0] == '.' || part.n > 256) {
			free(url);
			return (NULL);
		}
		farm_quote(part, quoted, sizeof(quoted));
		longer = mem_printf("%s/%s", url, quoted);
		free(url);
		url = longer;
	}
	longer = mem_printf("%s%s", url, csaf ? "" : ".json");
	free(url);
	return (longer);
}

/* By what every document of the kind has: no page, no error in JSON, nothing cut. */
static bool
is_document(const struct buf *b, bool csaf)
{
	struct json *j = NULL;
	struct diag why;
	bool ok = json_parse(buf_view(b), LIMIT_ADVISORY_BYTES, &j, &why) == 0 &&
	    json_get(j, csaf ? "document" : "id") != NULL;

	json_free(j);
	return (ok);
}

/* Is a document of that time, which could not be had, worth another try?  The first
 * time always; the watermark is its time when it was tried before. */
static bool
comes_later(const struct run *r, const char *listed)
{
	char day_ago[TIME_TEXT];
	time_t then = time(NULL) - LACKING_S;
	struct tm tm;

	gmtime_r(&then, &tm);
	strftime(day_ago, sizeof(day_ago), "%Y-%m-%dT%H:%M:%S", &tm);
	return (strncmp(listed, r->watermark, TIME_CHARS) != 0 ||
	    strncmp(listed, day_ago, TIME_CHARS) >= 0);
}

/* The documents of ${c} into a tar; *${ret_n} are in it.  ${held} is the time of the
 * oldest that has to be asked for again, "" = there is none. */
static int
fetch_documents(struct run *r, const char *base, const struct changes *c, int fd,
    size_t *ret_n, char held[TIME_TEXT], struct diag *d)
{
	struct tar_writer *w = tar_writer_new(fd);
	size_t nheld = 0;
	char name[101];
	struct buf b;
	int rc = 0;

	buf_init(&b, LIMIT_ADVISORY_BYTES);
	*ret_n = 0;
	held[0] = '\0';
	for (size_t i = 0; rc >= 0 && i < c->n; i++) {
		char *url = document_url(base, c->v[i].name, c->csaf);
		struct str path = str_of(c->v[i].name);
		size_t cut = str_rfind(path, '/');
		bool lacks = false;
		struct diag why;

		progress("%s: document %zu of %zu", r->feed, i + 1, c->n);
		if (cut < path.n)
			path = str_sub(path, cut + 1, path.n);
		snprintf(name, sizeof(name), "%.*s%s", path.n < 90 ?
		    (int)path.n : 90, path.p, c->csaf ? "" : ".json");
		rc = url == NULL ? diag_set(&why, ERR_NOT_FOUND, 0,
		    "the list names no document by it") :
		    feed_document(r->http, url, r->u->insecure, &b, &why);
		if (rc == ERR_NOT_FOUND || rc == ERR_LIMIT) {
			message("feed", "%s: left out %s: %s", r->feed,
			    c->v[i].name, why.text);
			lacks = true;
			rc = 0;
		} else if (rc < 0)
			*d = why;
		else if ((rc = tar_writer_add(w, name, buf_view(&b), 0, d)) == 0) {
			(*ret_n)++;	/* the farm counts what is none */
			lacks = !is_document(&b, c->csaf);
			if (lacks)
				message("feed", "%s: %s is no document of that "
				    "kind", r->feed, url);
		}
		if (lacks && comes_later(r, c->v[i].time)) {
			snprintf(held, TIME_TEXT, "%s", c->v[i].time);
			nheld++;
		}
		free(url);
	}
	/* one may be lacking; a server that has few of them is not well */
	if (rc >= 0 && nheld > 1 && nheld > c->n / 2)
		rc = diag_set(d, ERR_TEMPORARY, 0, "%zu of %zu documents that "
		    "are listed could not be had below %s", nheld, c->n, base);
	if (rc >= 0)
		rc = tar_writer_end(w, d);
	progress_end();
	buf_done(&b);
	tar_writer_free(w);
	return (rc);
}

/* What the source says it deleted; told before the watermark moves on. */
static int
tell_deletions(struct run *r, const char *base, struct diag *d)
{
	char *list = mem_printf("%s/deletions.csv", base), *path = NULL;
	struct changes c = { .csaf = true, .since = r->watermark,
		.max = DOCUMENTS_MANY };
	struct farm_answer a = { 0 };
	struct validators v;
	char quoted[400];
	struct buf b;
	int rc;

	buf_init(&b, DELETIONS_BYTES);
	rc = feed_lines(r->http, list, r->u->insecure, NULL, on_change, &c, &v, d);
	if (rc == ERR_NOT_FOUND)	/* who deletes nothing may have none */
		rc = 0;
	else if (rc > 0 && c.other && !c.ours)
		rc = no_list(list, &c, d);
	farm_quote(str_of(r->feed), quoted, sizeof(quoted));
	path = mem_printf("/api/v1/feeds/gone?feed=%s", quoted);
	for (size_t i = 0; rc >= 0 && i < c.n; i++) {
		struct str s = str_of(c.v[i].name);
		size_t slash = str_rfind(s, '/');

		if (slash < s.n)
			s = str_sub(s, slash + 1, s.n);
		if (str_ends(s, ".json"))
			s.n -= strlen(".json");
		if (buf_printf(&b, "%.*s\n", STR_ARG(s)) < 0 ||
		    (i + 1 < c.n && b.n < DELETIONS_BYTES / 2))
			continue;
		rc = farm_call(r->u->farm, "POST", path, buf_view(&b), &a, d);
		if (rc == 0)
			r->u->gone(r->u->arg, r->feed, json_get_int(a.json,
			    "gone", 0));
		farm_answer_done(&a);
		a = (struct farm_answer) { 0 };
		buf_clear(&b);
	}
	changes_done(&c);
	buf_done(&b);
	free(path);
	free(list);
	return (rc < 0 ? rc : 0);
}

static int
update_documents(struct run *r, const char *base, const char *list,
    const struct changes *c, const struct validators *v, struct diag *d)
{
	int fd = feed_temporary(d), rc;
	char held[TIME_TEXT];
	size_t n = 0;

	if (fd < 0)
		return (ERR_TEMPORARY);
	if ((rc = fetch_documents(r, base, c, fd, &n, held, d)) < 0)
		;
	else if (n == 0)
		rc = unchanged(r, d);
	else if (held[0] != '\0')	/* the list is read again, too */
		rc = import(r, fd, list, NULL, held, true, d);
	else
		rc = import(r, fd, list, v, c->csaf ? c->newest : "", true, d);
	close(fd);
	return (rc);
}

/* The archive, when the list alone will not do. */
typedef int take_archive(struct run *r, const char *base, const char *list,
    struct diag *d);

static int
update_by_list(struct run *r, const char *base, const char *list, bool csaf,
    take_archive *archive, struct diag *d)
{
	bool whole = needs_whole(r, list), again = false;
	int rc;

	for (;;) {
		struct changes c = { .csaf = csaf, .since = r->watermark,
			.max = whole ? 0 : csaf || again ? DOCUMENTS_MANY :
			    DOCUMENTS_MAX };
		struct validators v = { "", "" };

		progress("%s: asking what changed", r->feed);
		rc = feed_lines(r->http, list, r->u->insecure, whole || again ?
		    NULL : &r->v, on_change, &c, &v, d);
		progress_end();
		if (rc == 0)
			rc = unchanged(r, d);
		else if (rc > 0 && !c.ours)
			rc = no_list(list, &c, d);
		else if (rc > 0 && !whole && !c.many) {
			rc = csaf ? tell_deletions(r, base, d) : 0;
			if (rc == 0)
				rc = c.n == 0 ? unchanged(r, d) :
				    update_documents(r, base, list, &c, &v, d);
		}
		else if (rc > 0 && again) {
			message("feed", "%s: the archive is older than the list "
			    "by more than %d documents: update again later",
			    r->feed, DOCUMENTS_MANY);
			rc = 0;
		} else if (rc > 0) {
			changes_done(&c);
			if ((rc = archive(r, base, list, d)) < 0 ||
			    (rc = read_row(r, d)) < 0)
				return (rc);
			/* not so when it was held back */
			if (strcmp(r->origin, list) != 0 ||
			    r->watermark[0] == '\0')
				return (0);
			whole = false;
			again = true;
			continue;
		}
		changes_done(&c);
		return (rc);
	}
}

/* -------------------------------------------------------------------- protocols */

static int
osv_archive(struct run *r, const char *base, const char *list, struct diag *d)
{
	char *zip = mem_printf("%s/all.zip", base);
	int rc = update_whole(r, zip, list, "", d);

	free(zip);
	return (rc);
}

static int
update_osv(struct run *r, const char *base, struct diag *d)
{
	char *list = mem_printf("%s/modified_id.csv", base);
	char *zip = mem_printf("%s/all.zip", base);
	int rc = update_by_list(r, base, list, false, osv_archive, d);

	if (rc == ERR_NOT_FOUND)	/* a mirror of the zip alone */
		rc = update_file(r, zip, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "%s is not there: no such ecosystem; OSV "
		    "writes them as Debian, npm, PyPI, Alpine:v3.20", zip);
	free(list);
	free(zip);
	return (rc);
}

static bool
first_line(void *arg, struct str line)
{
	char **ret = arg;

	if (line.n == 0)
		return (true);
	*ret = mem_strndup(line);
	return (false);
}

/* The first line of a small file, malloced. */
static int
read_first_line(struct run *r, const char *url, char **ret, struct diag *d)
{
	struct validators v;
	int rc = feed_lines(r->http, url, r->u->insecure, NULL, first_line, ret,
	    &v, d);

	if (rc >= 0 && *ret == NULL)
		rc = diag_set(d, ERR_TEMPORARY, 0, "%s is empty", url);
	return (rc < 0 ? rc : 0);
}

/* "..._2026-01-02.tar.zst" is of that day: what changed later is in the list. */
static void
day_of(const char *name, char ret[24])
{
	struct str s = str_of(name);

	ret[0] = '\0';
	for (size_t i = 0; i + 10 <= s.n; i++) {
		struct str t = str_sub(s, i, i + 10);
		bool ok = true;

		for (size_t k = 0; k < 10; k++)
			ok &= k == 4 || k == 7 ? t.p[k] == '-' :
			    t.p[k] >= '0' && t.p[k] <= '9';
		if (ok)
			snprintf(ret, 24, "%.*sT00:00:00", STR_ARG(t));
	}
}

/* Red Hat names an archive of a day; SUSE has one beside the folder. */
static int
csaf_archive(struct run *r, const char *base, const char *list, struct diag *d)
{
	char *latest = mem_printf("%s/archive_latest.txt", base), *name = NULL;
	char *url = NULL, day[24];
	int rc;

	if ((rc = read_first_line(r, latest, &name, d)) == ERR_NOT_FOUND) {
		url = mem_printf("%s.tar.bz2", base);
		rc = update_whole(r, url, list, NULL, d);
		goto out;
	}
	if (rc < 0)
		goto out;
	day_of(name, day);
	if (strchr(name, '/') != NULL || day[0] == '\0') {
		rc = diag_set(d, ERR_TEMPORARY, 0, "%s names no archive of a "
		    "day: %.100s", latest, name);
		goto out;
	}
	url = mem_printf("%s/%s", base, name);
	rc = update_whole(r, url, list, day, d);
out:
	free(latest);
	free(name);
	free(url);
	return (rc);
}

static int
update_csaf(struct run *r, const char *base, struct diag *d)
{
	char *list = mem_printf("%s/changes.csv", base);
	int rc = update_by_list(r, base, list, true, csaf_archive, d);

	free(list);
	return (rc);
}

/* The href of <data type="updateinfo"><location href=.../>, in ${b}. */
static int
updateinfo_of(const struct buf *b, struct str *ret, struct diag *d)
{
	bool inside = false;
	struct xml_event e;
	struct xml x;
	int rc;

	xml_init(&x, cur_of(b->p, b->n));
	while ((rc = xml_next(&x, &e, d)) > 0) {
		struct str name = xml_local(e.text);

		if (e.kind == XML_START && str_eqz(name, "data"))
			inside = str_eqz(xml_attribute(&e, "type"),
			    "updateinfo");
		if (e.kind != XML_START || !inside || !str_eqz(name, "location"))
			continue;
		*ret = xml_attribute(&e, "href");
		if (ret->n > 0)
			return (0);
	}
	return (rc < 0 ? rc : diag_set(d, ERR_NOT_FOUND, 0,
	    "repomd.xml names no updateinfo"));
}

/* A changed updateinfo has another name, and so another URL. */
static int
update_updateinfo(struct run *r, const char *mirrors, struct diag *d)
{
	char *mirror = NULL, *repomd = NULL, *url = NULL;
	struct str href;
	struct buf b;
	int rc;

	buf_init(&b, REPOMD_BYTES);
	if ((rc = read_first_line(r, mirrors, &mirror, d)) < 0)
		goto out;
	while (mirror[0] != '\0' && mirror[strlen(mirror) - 1] == '/')
		mirror[strlen(mirror) - 1] = '\0';
	repomd = mem_printf("%s/repodata/repomd.xml", mirror);
	if ((rc = feed_document(r->http, repomd, r->u->insecure, &b, d)) < 0 ||
	    (rc = updateinfo_of(&b, &href, d)) < 0)
		goto out;
	url = mem_printf("%s/%.*s", mirror, STR_ARG(href));
	rc = update_file(r, url, d);
out:
	buf_done(&b);
	free(mirror);
	free(repomd);
	free(url);
	return (rc);
}

/* --------------------------------------------------------------------- together */

static int
update_one(struct run *r, struct diag *d)
{
	struct str name = str_of(r->feed);
	struct feed_source s;
	int rc;

	r->kind = feed_find(str_sub(name, 0, str_find(name, '/')));
	if (r->kind == NULL || !feed_source_find(name, r->u->from, &s))
		return (diag_set(d, ERR_USAGE, 0, "no source of it is known: "
		    "`scanfarm feed sources` lists them; others are fetched by "
		    "other means and imported"));
	if ((rc = read_row(r, d)) < 0)
		;
	else if (s.protocol == FEED_OSV)
		rc = update_osv(r, s.url, d);
	else if (s.protocol == FEED_CSAF)
		rc = update_csaf(r, s.url, d);
	else if (s.protocol == FEED_UPDATEINFO)
		rc = update_updateinfo(r, s.url, d);
	else
		rc = update_file(r, s.url, d);
	feed_source_done(&s);
	return (rc);
}

/* A failure is the last one's to return; those before are told here. */
static int
update_named(struct run *r, const char *feed, int before, struct diag *d)
{
	struct diag why = { 0 };
	int rc;

	r->feed = feed;
	if ((rc = update_one(r, &why)) == 0)
		return (before);
	if (before < 0)
		message("feed", "%s", d->text);
	if (str_starts(str_of(why.text), feed))
		*d = why;
	else
		diag_set(d, rc, 0, "%s: %s", feed, why.text);
	/* what may go better later decides over what will not */
	return (before == ERR_TEMPORARY ? before : rc);
}

static int
update_known(struct run *r, struct diag *d)
{
	struct farm_answer a = { 0 };
	int rc = farm_call(r->u->farm, "GET", "/api/v1/feeds", str_of(""), &a, d);
	int result = 0;
	size_t n = 0;

	for (size_t i = 0; rc == 0 && i < json_len(a.json); i++) {
		struct str s = json_get_str(json_at(a.json, i), "name");
		struct feed_source source;
		char *feed;

		if (!feed_source_find(s, r->u->from, &source))
			continue;
		feed_source_done(&source);
		feed = mem_strndup(s);
		result = update_named(r, feed, result, d);
		free(feed);
		n++;
	}
	farm_answer_done(&a);
	if (rc == 0 && n == 0)
		rc = diag_set(d, ERR_USAGE, 0, "the farm has no feed whose "
		    "source is known: name ecosystems of OSV's, or feeds that "
		    "`scanfarm feed sources` lists, as in `scanfarm feed update "
		    "Debian npm PyPI kev`");
	return (rc < 0 ? rc : result);
}

int
feed_update(const struct feed_update *u, char **names, int n, struct diag *d)
{
	struct run r = { .u = u, .http = http_new() };
	int rc = 0;

	if (n == 0)
		rc = update_known(&r, d);
	for (int i = 0; i < n; i++) {
		const struct feed_importer *kind = feed_find(str_of(names[i]));
		char *feed = strchr(names[i], '/') != NULL || (kind != NULL &&
		    kind->beside) ? mem_strdup(names[i]) :
		    mem_printf("osv/%s", names[i]);

		rc = update_named(&r, feed, rc, d);
		free(feed);
	}
	http_free(r.http);
	return (rc);
}

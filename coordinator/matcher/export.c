/* Exports, read; see export.h. */
#include <stdlib.h>
#include "common/archive.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pack.h"
#include "common/text.h"
#include "export.h"
#include "feed.h"

#define N_DOCUMENT 3
/* Feeds that stand beside, at most. */
#define BESIDE_MAX 16
#define N_FEED 7
#define N_BESIDE 2
#define N_MANIFEST 9

bool
export_is(struct str head)
{
	/* the name of a tar's first file, and the zero behind it */
	return (head.n >= sizeof(EXPORT_MANIFEST) &&
	    memcmp(head.p, EXPORT_MANIFEST, sizeof(EXPORT_MANIFEST)) == 0);
}

/* ------------------------------------------------------------------- documents */

int
export_document_write(struct buf *b, const struct export_document *x)
{
	size_t before = b->n;
	int rc;

	if ((rc = pack_array(b, N_DOCUMENT)) < 0 ||
	    (rc = pack_u64(b, x->feed)) < 0 ||
	    (rc = pack_str(b, x->name)) < 0 ||
	    (rc = pack_bin(b, x->record.p, x->record.n)) < 0)
		b->n = before;
	return (rc);
}

bool
export_document_read(struct cur *c, struct export_document *ret)
{
	uint32_t n;

	return (unpack_array(c, &n) && n >= N_DOCUMENT &&
	    unpack_u64(c, &ret->feed) && unpack_str(c, &ret->name) &&
	    unpack_str(c, &ret->record) && unpack_skip(c, n - N_DOCUMENT));
}

/* -------------------------------------------------------- the manifest, as packed */

static int
write_strs(struct buf *b, const struct str *v, size_t n)
{
	int rc = pack_array(b, (uint32_t)n);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = pack_str(b, v[i]);
	return (rc);
}

static int
write_feed(struct buf *b, const struct export_feed *f)
{
	int rc;

	if ((rc = pack_array(b, N_FEED)) < 0 ||
	    (rc = pack_str(b, f->name)) < 0 ||
	    (rc = pack_str(b, f->imported_at)) < 0 ||
	    (rc = pack_u64(b, f->documents)) < 0 ||
	    (rc = pack_bin(b, f->digest, sizeof(f->digest))) < 0 ||
	    (rc = write_strs(b, f->namespaces, f->nnamespaces)) < 0 ||
	    (rc = pack_u64(b, f->malformed)) < 0)
		return (rc);
	return (write_strs(b, f->malformed_names, f->nmalformed_names));
}

int
export_manifest_write(struct buf *b, const struct export_manifest *m)
{
	int rc;

	if ((rc = pack_array(b, N_MANIFEST)) < 0 ||
	    (rc = pack_str(b, m->farm)) < 0 ||
	    (rc = pack_u64(b, m->revision)) < 0 ||
	    (rc = pack_bool(b, m->delta)) < 0 ||
	    (rc = pack_u64(b, m->since)) < 0 ||
	    (rc = pack_str(b, m->created)) < 0 ||
	    (rc = pack_u64(b, m->documents)) < 0 ||
	    (rc = pack_u64(b, m->gone)) < 0 ||
	    (rc = pack_array(b, (uint32_t)m->nfeeds)) < 0)
		return (rc);
	for (size_t i = 0; rc == 0 && i < m->nfeeds; i++)
		rc = write_feed(b, &m->feeds[i]);
	if (rc == 0)
		rc = pack_array(b, (uint32_t)m->nbeside);
	for (size_t i = 0; rc == 0 && i < m->nbeside; i++)
		if ((rc = pack_array(b, N_BESIDE)) == 0 &&
		    (rc = pack_str(b, m->beside[i].name)) == 0)
			rc = pack_str(b, m->beside[i].imported_at);
	return (rc);
}

static bool
read_str(struct cur *c, struct pool *pool, struct str *ret)
{
	struct str s;

	return (unpack_str(c, &s) && pool_str(pool, s, ret) == 0);
}

/* An array of things of ${size} bytes; its count is a claim, of which each takes
 * at least a byte of what is left. */
static void *
read_array(struct cur *c, struct pool *pool, size_t size, size_t *n)
{
	uint32_t count;

	if (!unpack_array(c, &count) || count > cur_left(c))
		return (NULL);
	*n = count;
	return (pool_alloc(pool, (size_t)count * size + 1));
}

static bool
read_strs(struct cur *c, struct pool *pool, struct str **ret, size_t *n)
{
	if ((*ret = read_array(c, pool, sizeof(**ret), n)) == NULL)
		return (false);
	for (size_t i = 0; i < *n; i++)
		if (!read_str(c, pool, &(*ret)[i]))
			return (false);
	return (true);
}

static bool
read_feed(struct cur *c, struct pool *pool, struct export_feed *f)
{
	struct str digest;
	uint32_t n;

	if (!unpack_array(c, &n) || n != N_FEED ||
	    !read_str(c, pool, &f->name) ||
	    !read_str(c, pool, &f->imported_at) ||
	    !unpack_u64(c, &f->documents) || !unpack_str(c, &digest) ||
	    digest.n != DIGEST_BYTES ||
	    !read_strs(c, pool, &f->namespaces, &f->nnamespaces) ||
	    !unpack_u64(c, &f->malformed) ||
	    !read_strs(c, pool, &f->malformed_names, &f->nmalformed_names))
		return (false);
	memcpy(f->digest, digest.p, DIGEST_BYTES);
	return (true);
}

static bool
read_manifest(struct cur *c, struct pool *pool, struct export_manifest *m)
{
	uint32_t n;

	if (!unpack_array(c, &n) || n != N_MANIFEST ||
	    !read_str(c, pool, &m->farm) || !unpack_u64(c, &m->revision) ||
	    !unpack_bool(c, &m->delta) || !unpack_u64(c, &m->since) ||
	    !read_str(c, pool, &m->created) || !unpack_u64(c, &m->documents) ||
	    !unpack_u64(c, &m->gone))
		return (false);
	if ((m->feeds = read_array(c, pool, sizeof(*m->feeds),
	    &m->nfeeds)) == NULL)
		return (false);
	for (size_t i = 0; i < m->nfeeds; i++)
		if (!read_feed(c, pool, &m->feeds[i]))
			return (false);
	if ((m->beside = read_array(c, pool, sizeof(*m->beside),
	    &m->nbeside)) == NULL)
		return (false);
	for (size_t i = 0; i < m->nbeside; i++)
		if (!unpack_array(c, &n) || n != N_BESIDE ||
		    !read_str(c, pool, &m->beside[i].name) ||
		    !read_str(c, pool, &m->beside[i].imported_at))
			return (false);
	return (true);
}

/* The form of what becomes a uuid, a time, a bigint: others refuse it too, but
 * without a word of what is wrong. */
static bool
has_form(struct str s, const char *form)
{
	if (s.n != strlen(form))
		return (false);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool digit = c >= '0' && c <= '9';

		if (form[i] == 'x' ? !digit && !(c >= 'a' && c <= 'f') :
		    form[i] == '0' ? !digit : c != form[i])
			return (false);
	}
	return (true);
}

#define UUID_FORM "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
#define TIME_FORM "0000-00-00T00:00:00.000000Z"

static int
unknown_kind(struct str name, struct diag *d)
{
	return (diag_set(d, ERR_UNSUPPORTED, 0, "feed %.*s is of a kind that is "
	    "not known here: it was exported by a newer scanfarm",
	    STR_ARG(name)));
}

static int
check_manifest(const struct export_manifest *m, struct diag *d)
{
	const char *wrong = NULL;

	if (!has_form(m->farm, UUID_FORM))
		wrong = "farm is no uuid";
	else if (!has_form(m->created, TIME_FORM))
		wrong = "created is no time";
	else if (m->revision > INT64_MAX || m->since > m->revision)
		wrong = "revision is before since";
	else if (m->documents > INT64_MAX || m->gone > INT64_MAX ||
	    (!m->delta && m->gone != 0))
		wrong = "impossible counts";
	else if (m->nfeeds > LIMIT_EXPORT_FEEDS ||
	    m->nbeside > LIMIT_EXPORT_FEEDS)
		wrong = "too many feeds";
	for (size_t i = 0; wrong == NULL && i < m->nfeeds; i++) {
		const struct export_feed *f = &m->feeds[i];

		if (f->imported_at.n != 0 &&
		    !has_form(f->imported_at, TIME_FORM))
			wrong = "imported_at of a feed is no time";
		else if (f->documents > INT64_MAX || f->malformed > INT64_MAX)
			wrong = "impossible counts of a feed";
		for (size_t k = 0; k < i; k++)
			if (str_eq(m->feeds[k].name, f->name))
				wrong = "a feed comes twice";
	}
	for (size_t i = 0; wrong == NULL && i < m->nbeside; i++) {
		if (!has_form(m->beside[i].imported_at, TIME_FORM))
			wrong = "imported_at of a feed is no time";
		for (size_t k = 0; k < i; k++)
			if (str_eq(m->beside[k].name, m->beside[i].name))
				wrong = "a feed comes twice";
	}
	if (wrong != NULL)
		return (diag_set(d, ERR_MALFORMED, 0, "manifest: %s", wrong));
	for (size_t i = 0; i < m->nfeeds; i++)
		if (!feed_stored_ok(m->feeds[i].name))
			return (unknown_kind(m->feeds[i].name, d));
	for (size_t i = 0; i < m->nbeside; i++) {
		const struct feed_importer *f = feed_find(m->beside[i].name);

		if (f == NULL || !f->beside)
			return (unknown_kind(m->beside[i].name, d));
	}
	return (0);
}

int
export_manifest_read(struct cur *c, struct pool *pool,
    struct export_manifest *ret, struct diag *d)
{
	struct export_manifest m = { 0 };
	int rc;

	if (!read_manifest(c, pool, &m))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "manifest: not the record we write"));
	if ((rc = check_manifest(&m, d)) == 0)
		*ret = m;
	return (rc);
}

/* ---------------------------------------------------------- the manifest, as JSON */

static bool
json_count(const struct json *o, const char *key, uint64_t *ret)
{
	int64_t n = json_get_int(o, key, -1);

	*ret = n < 0 ? 0 : (uint64_t)n;
	return (n >= 0);
}

/* The texts of an array; they live as long as ${j}, the array is the caller's. */
static struct str *
json_strs(const struct json *j, size_t *n)
{
	struct str *v = mem_array(json_len(j) + 1, sizeof(*v));

	for (*n = 0; *n < json_len(j); ++*n)
		v[*n] = json_str(json_at(j, *n));
	return (v);
}

static bool
hex_digest(struct str s, uint8_t ret[DIGEST_BYTES])
{
	char text[DIGEST_TEXT];

	if (s.n != 2 * DIGEST_BYTES)
		return (false);
	snprintf(text, sizeof(text), "sha256:%.*s", STR_ARG(s));
	return (digest_parse(str_of(text), ret));
}

static bool
json_feed(const struct json *j, struct export_feed *f)
{
	f->name = json_get_str(j, "name");
	f->imported_at = json_get_str(j, "imported_at");
	f->namespaces = json_strs(json_get(j, "namespaces"), &f->nnamespaces);
	f->malformed_names = json_strs(json_get(j, "malformed_names"),
	    &f->nmalformed_names);
	return (json_count(j, "documents", &f->documents) &&
	    json_count(j, "malformed", &f->malformed) &&
	    hex_digest(json_get_str(j, "sha256"), f->digest));
}

static void
manifest_done(struct export_manifest *m)
{
	for (size_t i = 0; i < m->nfeeds; i++) {
		free(m->feeds[i].namespaces);
		free(m->feeds[i].malformed_names);
	}
	free(m->feeds);
	free(m->beside);
}

/* Into ${m}, which manifest_done frees whatever comes back. */
static int
json_manifest(const struct json *j, struct export_manifest *m, struct diag *d)
{
	const struct json *feeds = json_get(j, "feeds");
	const struct json *beside = json_get(j, "beside");
	int64_t version = json_get_int(j, "version", 0);
	bool ok;

	if (!str_eqz(json_get_str(j, "format"), "scanfarm export"))
		return (diag_set(d, ERR_MALFORMED, 0, "its manifest is of "
		    "another kind of file"));
	if (version != EXPORT_VERSION)
		return (diag_set(d, ERR_UNSUPPORTED, 0, "version %lld of the "
		    "format; this farm reads %d", (long long)version,
		    EXPORT_VERSION));
	m->farm = json_get_str(j, "farm");
	m->created = json_get_str(j, "created");
	m->delta = json_get(j, "since") != NULL &&
	    !json_is_null(json_get(j, "since"));
	ok = json_count(j, "revision", &m->revision) &&
	    json_count(j, "documents", &m->documents) &&
	    json_count(j, "gone", &m->gone) &&
	    (!m->delta || json_count(j, "since", &m->since)) &&
	    json_is_array(feeds);
	m->feeds = mem_array(json_len(feeds) + 1, sizeof(*m->feeds));
	for (size_t i = 0; ok && i < json_len(feeds); i++) {
		ok = json_feed(json_at(feeds, i), &m->feeds[i]);
		m->nfeeds++;
	}
	m->nbeside = json_len(beside);
	m->beside = mem_array(m->nbeside + 1, sizeof(*m->beside));
	for (size_t i = 0; i < m->nbeside; i++)
		m->beside[i] = (struct export_beside) {
			json_get_str(json_at(beside, i), "name"),
			json_get_str(json_at(beside, i), "imported_at") };
	if (!ok)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "manifest: a member is missing or of another type"));
	return (check_manifest(m, d));
}

/* --------------------------------------------------------------------- reading */

struct run {
	const struct export_sink *sink;
	struct archive_reader *r;
	struct buf content;
	uint64_t nfeeds, documents, gone;	/* the manifest's */
	bool delta;
	uint64_t got, got_gone;
	char *beside[BESIDE_MAX];	/* names; NULL once it has come */
	size_t nbeside;
	/* before this one */
	uint64_t feed;
	struct buf name;
};

static int
take_manifest(struct run *u, struct diag *d)
{
	struct export_manifest m = { 0 };
	struct json *j = NULL;
	int rc;

	if ((rc = json_parse(buf_view(&u->content), LIMIT_EXPORT_MANIFEST, &j,
	    d)) < 0 || (rc = json_manifest(j, &m, d)) < 0)
		goto out;
	u->nfeeds = m.nfeeds;
	u->documents = m.documents;
	u->gone = m.gone;
	u->delta = m.delta;
	for (; u->nbeside < m.nbeside; u->nbeside++) {
		if (u->nbeside == BESIDE_MAX) {
			rc = diag_set(d, ERR_LIMIT, 0, "too many feeds beside");
			goto out;
		}
		u->beside[u->nbeside] = mem_strndup(m.beside[u->nbeside].name);
	}
	rc = u->sink->manifest(u->sink->arg, &m, d);
out:
	manifest_done(&m);
	json_free(j);
	return (rc);
}

/* Is the record an advisory that is stored under this name? */
static int
check_record(const struct export_document *x, struct diag *d)
{
	struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);
	struct cur c = cur_str(x->record);
	struct advisory a;
	int rc = advisory_read(&c, pool, &a, d);

	if (rc == 0 && !str_eq(text_clean(pool, a.id, 256), x->name))
		rc = diag_set(d, ERR_MALFORMED, 0, "the record of %.*s is one of "
		    "%.*s", STR_ARG(x->name), STR_ARG(a.id));
	pool_free(pool);
	return (rc);
}

static int
take_document(struct run *u, const struct export_document *x, struct diag *d)
{
	struct str before = buf_view(&u->name);
	int rc;

	if (x->feed >= u->nfeeds || x->name.n == 0 || x->name.n > 1024 ||
	    !text_is_utf8(x->name) || memchr(x->name.p, '\0', x->name.n) != NULL)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "a document without a feed or a name"));
	if (u->got + u->got_gone > 0 && (x->feed < u->feed ||
	    (x->feed == u->feed && str_cmp(x->name, before) <= 0)))
		return (diag_set(d, ERR_MALFORMED, 0, "%.*s comes out of order",
		    STR_ARG(x->name)));
	if (x->record.n == 0 ? !u->delta || u->got_gone == u->gone :
	    u->got == u->documents)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "more documents than the manifest says"));
	if (x->record.n != 0 && (rc = check_record(x, d)) < 0)
		return (rc);
	u->got += x->record.n != 0;
	u->got_gone += x->record.n == 0;
	u->feed = x->feed;
	buf_clear(&u->name);
	if ((rc = buf_str(&u->name, x->name)) < 0)
		return (diag_set(d, rc, 0, "a name is too long"));
	return (u->sink->document(u->sink->arg, x, d));
}

static int
take_documents(struct run *u, struct diag *d)
{
	struct cur c = cur_str(buf_view(&u->content));
	struct export_document x;
	int rc = 0;

	while (rc == 0 && cur_left(&c) > 0) {
		if (!export_document_read(&c, &x))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "a document that is none"));
		rc = take_document(u, &x, d);
	}
	return (rc);
}

/* A document beside/NAME, one that the manifest names and that has not come. */
static int
take_beside(struct run *u, struct str name, struct diag *d)
{
	for (size_t i = 0; i < u->nbeside; i++) {
		if (u->beside[i] == NULL || !str_eqz(name, u->beside[i]))
			continue;
		free(u->beside[i]);
		u->beside[i] = NULL;
		return (u->sink->beside(u->sink->arg, i, buf_view(&u->content),
		    d));
	}
	return (diag_set(d, ERR_MALFORMED, 0, "it holds " EXPORT_BESIDE "%.*s, "
	    "which its manifest does not name", (int)(name.n < 100 ? name.n :
	    100), name.p));
}

static int
take_item(struct run *u, const struct archive_item *it, bool first,
    struct diag *d)
{
	bool manifest = str_eqz(it->path, EXPORT_MANIFEST);
	bool beside = str_starts(it->path, EXPORT_BESIDE);
	char *path;
	int rc;

	if (first && !manifest)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "its first file is not " EXPORT_MANIFEST));
	if (it->type != ARCHIVE_FILE || it->finding != NULL)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "it holds something else than plain files"));
	if (!first && !beside && !str_starts(it->path, EXPORT_ADVISORIES))
		return (diag_set(d, ERR_UNSUPPORTED, 0, "it holds %.*s, which is "
		    "not known here: it was exported by a newer scanfarm",
		    (int)(it->path.n < 200 ? it->path.n : 200), it->path.p));
	buf_clear(&u->content);
	/* the item's lives until the next call */
	path = mem_strndup(it->path);
	if ((rc = archive_content(u->r, first ? LIMIT_EXPORT_MANIFEST :
	    LIMIT_EXPORT_FILE, &u->content, d)) == 0)
		rc = first ? take_manifest(u, d) : !beside ?
		    take_documents(u, d) : take_beside(u,
		    str_of(path + strlen(EXPORT_BESIDE)), d);
	free(path);
	return (rc);
}

static int
read_items(struct run *u, struct diag *d)
{
	struct archive_item it;
	bool first = true;
	int rc;

	while ((rc = archive_next(u->r, &it, d)) > 0) {
		if ((rc = take_item(u, &it, first, d)) < 0)
			return (rc);
		first = false;
	}
	if (rc == 0)
		rc = archive_finish(u->r, d);
	if (rc < 0)
		return (rc);
	if (rc > 0 || first)
		return (diag_set(d, ERR_MALFORMED, 0, first ?
		    "it is empty" : "it ends early"));
	for (size_t i = 0; i < u->nbeside; i++)
		if (u->beside[i] != NULL)
			return (diag_set(d, ERR_MALFORMED, 0, "it lacks "
			    EXPORT_BESIDE "%s", u->beside[i]));
	if (u->got != u->documents || u->got_gone != u->gone)
		return (diag_set(d, ERR_MALFORMED, 0, "it holds %llu of %llu "
		    "documents", (unsigned long long)(u->got + u->got_gone),
		    (unsigned long long)(u->documents + u->gone)));
	return (0);
}

int
export_read(const struct source *src, const struct export_sink *sink,
    struct diag *d)
{
	const struct inflate_limits limits = { .out = LIMIT_EXPORT_BYTES };
	struct inflate *z = inflate_new(src, &limits);
	struct run u = { .sink = sink, .r = archive_open_tar(z) };
	int rc;

	buf_init(&u.content, LIMIT_EXPORT_FILE);
	buf_init(&u.name, 1024);
	rc = read_items(&u, d);
	buf_done(&u.content);
	buf_done(&u.name);
	for (size_t i = 0; i < u.nbeside; i++)
		free(u.beside[i]);
	archive_close(u.r);
	inflate_free(z);
	return (rc);
}

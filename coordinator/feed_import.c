/*
 * Advisories from a sandboxed reader into rows.  Runs in a thread of its own
 * with its own connection; touches advisory, affected and feed rows only and
 * marks what changed: findings are the matcher's, and only the matcher's.
 */
#include <stdlib.h>
#include <unistd.h>
#include "affected.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "common/version.h"
#include "coordinator/matcher/feed.h"
#include "content_set_import.h"
#include "exploit_import.h"
#include "feed_freeze.h"
#include "coordinator/matcher/namespace.h"
#include "feed_import.h"
#include "reader.h"
#include "sql.h"

/* Documents looked up and stored at once, and the bytes of their records. */
#define BATCH 500
#define BATCH_BYTES (16 * MIB)
#define MODIFIED_CHARS 64
/* Releases leave a feed one at a time; a feed that lost more than these at once may
 * have named any number. */
#define FREEZE_MAX 32

struct document {
	struct str record;	/* advisory_write() of it, owned */
	struct str name, modified;	/* owned */
	uint8_t digest[DIGEST_BYTES];
};

struct import {
	struct db *db;
	const char *feed;
	const struct feed_importer *kind;	/* of its documents; NULL = what is
				   kept of a release */
	struct feed_result *result;
	bool partial;
	bool update;		/* changes of a feed, as its source lists them */
	const char *database;	/* conninfo; NULL = another farm's feeds come,
				   with what that kept */
	bool nameless;		/* files are not named after their advisories:
				   which a damaged one held is not known */
	struct document batch[BATCH];
	size_t n, bytes;
	/* Not stored yet: what is stored was modified later, and may still come
	 * again in this import. */
	struct document *aside;
	size_t naside, aside_cap, aside_bytes;
	bool ending;		/* nothing more comes */
	struct str unreadable[BATCH];	/* names of malformed ones, owned */
	size_t nunreadable;
};

/* What becomes of a document of the batch. */
enum fate {
	FATE_STORE,
	FATE_SAME,		/* is stored, byte for byte */
	FATE_OLDER,		/* than another of its name in this import */
	FATE_ASIDE,
};

/* The importer of what is in ${feed}; NULL = none, it is frozen. */
static const struct feed_importer *
kind_of(const char *feed)
{
	struct str name = str_of(feed);

	return (feed_find(str_sub(name, 0, str_find(name, '/'))));
}

void
feed_result_done(struct feed_result *r)
{
	for (size_t i = 0; i < r->nnames; i++)
		free(r->names[i]);
	*r = (struct feed_result) { 0 };
}

void
feed_result_malformed(struct feed_result *r, struct str text)
{
	char esc[1024];

	r->malformed++;
	if (r->nnames == FEED_NAMES)
		return;
	text_escape(text, esc, sizeof(esc));
	r->names[r->nnames++] = mem_strdup(esc);
}

static void
free_str(struct str s)
{
	free((void *)(uintptr_t)s.p);
}

static void
document_clear(struct document *doc)
{
	free_str(doc->record);
	free_str(doc->name);
	free_str(doc->modified);
	*doc = (struct document) { .record = { NULL, 0 } };
}

static void
batch_clear(struct import *m)
{
	for (size_t i = 0; i < m->n; i++)
		document_clear(&m->batch[i]);
	for (size_t i = 0; i < m->nunreadable; i++)
		free_str(m->unreadable[i]);
	m->n = m->bytes = m->nunreadable = 0;
}

static void
import_clear(struct import *m)
{
	batch_clear(m);
	for (size_t i = 0; i < m->naside; i++)
		document_clear(&m->aside[i]);
	free(m->aside);
	m->aside = NULL;
	m->naside = m->aside_cap = m->aside_bytes = 0;
}

/* -------------------------------------------------------------------- storing */

/* Documents to store, column by column; texts live in the pool. */
struct rows {
	struct pool *pool;
	struct str name[BATCH], digest[BATCH], modified[BATCH], summary[BATCH];
	struct str cvss[BATCH], record[BATCH];
	int64_t withdrawn[BATCH], severity[BATCH], unmatched[BATCH];
	size_t n;
	struct affected affected;	/* by place in these columns */
	struct str *namespaces;		/* that the documents cover */
	size_t nnamespaces, namespaces_cap;
};

/* That the document covers. */
static void
add_namespaces(struct rows *x, const struct feed_importer *kind,
    const struct advisory *a)
{
	char release[NAMESPACE_TEXT];

	for (size_t i = 0; i < a->naffected; i++) {
		struct str ns = a->affected[i].ecosystem;

		/* a denial alone is no word about what is affected */
		if (vex_status_denies(a->affected[i].status))
			continue;
		if (i > 0 && str_eq(ns, a->affected[i - 1].ecosystem) &&
		    !vex_status_denies(a->affected[i - 1].status))
			continue;
		ns = namespace_spoken_of(ns, release);
		if (feed_covers(kind, a->id, ns))
			MEM_ADD(x->namespaces, x->nnamespaces,
			    x->namespaces_cap, text_clean(x->pool, ns, 256));
	}
}

static int
rows_add(struct import *m, struct rows *x, const struct document *doc,
    struct diag *d)
{
	struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);
	struct cur c = cur_str(doc->record);
	struct advisory a;
	bool matched = false;
	size_t i = x->n;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) < 0)
		goto out;
	if (a.naliases + a.nupstream + a.nrelated > LIMIT_ADVISORY_NAMES ||
	    a.naffected > LIMIT_ADVISORY_RANGES) {
		rc = diag_set(d, ERR_LIMIT, 0,
		    "more than %d names or %d entries", LIMIT_ADVISORY_NAMES,
		    LIMIT_ADVISORY_RANGES);
		goto out;
	}
	if ((rc = affected_add(&x->affected, (int64_t)i, &a, &x->unmatched[i],
	    &matched, d)) < 0)
		goto out;
	x->name[i] = doc->name;
	x->digest[i] = str_n(doc->digest, DIGEST_BYTES);
	x->modified[i] = text_clean(x->pool, a.modified, MODIFIED_CHARS);
	x->withdrawn[i] = a.withdrawn.n != 0;
	x->summary[i] = text_clean(x->pool, a.summary, 1024);
	x->severity[i] = a.severity;
	x->cvss[i] = text_clean(x->pool, a.cvss, 512);
	x->record[i] = doc->record;
	x->n++;
	add_namespaces(x, m->kind, &a);
	m->result->unmatched += a.naffected > 0 && !matched;
	if (m->kind == &feed_openvex || m->kind == &feed_csaf)
		for (size_t e = 0; e < a.naffected; e++)
			m->result->unknown_products +=
			    a.affected[e].ecosystem.n == 0;
	m->result->changed++;
out:
	pool_free(pool);
	return (rc);
}

static int
rows_store(struct import *m, struct rows *x, struct diag *d)
{
	struct db_result *r = NULL;
	int64_t ids[BATCH] = { 0 };
	int rc;

	if ((rc = DB_QUERY(m->db, sql_advisories_upsert, &r, d,
	    db_text(str_of(m->feed)), db_texts(x->name, x->n),
	    db_blobs(x->digest, x->n), db_texts(x->modified, x->n),
	    db_ints(x->withdrawn, x->n), db_texts(x->summary, x->n),
	    db_ints(x->severity, x->n), db_texts(x->cvss, x->n),
	    db_blobs(x->record, x->n), db_ints(x->unmatched, x->n))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++)
		ids[db_col_int(r, i, 0) - 1] = db_col_int(r, i, 1);
	db_free(r);
	for (size_t i = 0; i < x->affected.n; i++)
		x->affected.documents.v[i] = ids[x->affected.documents.v[i]];
	if (x->affected.n > 0)
		rc = DB_QUERY(m->db, sql_affected_insert, NULL, d,
		    vec_param(&x->affected.documents),
		    vec_param(&x->affected.entries),
		    db_texts(x->affected.namespaces, x->affected.n),
		    db_texts(x->affected.names, x->affected.n),
		    db_blobs(x->affected.lo, x->affected.n),
		    db_blobs(x->affected.hi, x->affected.n),
		    vec_param(&x->affected.binaries));
	if (rc == 0 && x->nnamespaces > 0)
		rc = DB_QUERY(m->db, sql_feed_namespace_insert, NULL, d,
		    db_text(str_of(m->feed)),
		    db_texts(x->namespaces, x->nnamespaces),
		    db_bool(m->update));
	return (rc);
}

/* Of those of the batch that are older than what is stored: is that of this import?
 * Else it may come again, and what came in between would be stored for nothing. */
static int
find_older(struct import *m, const struct str *names, enum fate fate[BATCH],
    struct diag *d)
{
	struct db_result *r = NULL;
	size_t bytes = m->aside_bytes, n;
	int rc;

	if ((rc = DB_QUERY(m->db, sql_feed_seen_among, &r, d,
	    db_text(str_of(m->feed)), db_texts(names, m->n))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++) {
		n = (size_t)db_col_int(r, i, 0) - 1;
		if (fate[n] == FATE_ASIDE)
			fate[n] = FATE_OLDER;
	}
	db_free(r);
	for (size_t i = 0; i < m->n; i++) {
		if (fate[i] != FATE_ASIDE)
			continue;
		bytes += m->batch[i].record.n;
		if (m->ending || bytes > BATCH_BYTES)
			fate[i] = FATE_STORE;
	}
	return (0);
}

/* What becomes of the batch.  Of one name the later modified counts, of one time the
 * last, as in the offline matcher. */
static int
find_fates(struct import *m, enum fate fate[BATCH], struct diag *d)
{
	struct str names[BATCH], digests[BATCH];
	struct db_result *r = NULL;
	bool older = false;
	size_t n = 0;
	int rc, order;

	for (size_t i = 0; i < m->n; i++) {
		names[i] = m->batch[i].name;
		digests[i] = str_n(m->batch[i].digest, DIGEST_BYTES);
	}
	if ((rc = DB_QUERY(m->db, sql_advisories_same, &r, d,
	    db_text(str_of(m->feed)), db_texts(names, m->n),
	    db_blobs(digests, m->n))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++) {
		n = (size_t)db_col_int(r, i, 0) - 1;
		order = str_cmp(db_col(r, i, 2), m->batch[n].modified);
		if (db_col_bool(r, i, 1))
			fate[n] = FATE_SAME;
		else if (order > 0 || (order == 0 && m->ending))
			fate[n] = FATE_ASIDE;
		older |= fate[n] == FATE_ASIDE;
	}
	db_free(r);
	if (older && (rc = find_older(m, names, fate, d)) < 0)
		return (rc);
	n = 0;
	for (size_t i = 0; i < m->n; i++)
		if (fate[i] != FATE_ASIDE)
			names[n++] = m->batch[i].name;
	return (DB_QUERY(m->db, sql_feed_seen_insert, NULL, d,
	    db_text(str_of(m->feed)), db_texts(names, n)));
}

static void
put_aside(struct import *m, const enum fate *fate)
{
	for (size_t i = 0; i < m->n; i++) {
		if (fate[i] != FATE_ASIDE)
			continue;
		m->aside_bytes += m->batch[i].record.n;
		MEM_ADD(m->aside, m->naside, m->aside_cap, m->batch[i]);
		m->batch[i] = (struct document) { .record = { NULL, 0 } };
	}
}

/* A document that no row can hold is as good as malformed; the others go on. */
static int
refuse(struct import *m, const struct document *doc, const struct diag *why)
{
	struct feed_result *r = m->result;

	r->malformed++;
	r->documents--;
	if (r->nnames < FEED_NAMES)
		r->names[r->nnames++] = mem_printf("%.*s: %s",
		    STR_ARG(doc->name), why->text);
	return (0);
}

static void
rows_clear(struct rows *x)
{
	affected_done(&x->affected);
	pool_free(x->pool);
	x->pool = x->affected.pool = pool_new(2 * LIMIT_ADVISORY_POOL);
	x->n = x->nnamespaces = 0;
}

/* Store the documents of the batch that are new or differ, in pieces that fit. */
static int
store_batch(struct import *m, const enum fate *fate, struct diag *d)
{
	struct rows *x = mem_alloc(sizeof(*x));
	int rc = 0;

	rows_clear(x);
	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		if (fate[i] != FATE_STORE)
			continue;
		if ((rc = rows_add(m, x, &m->batch[i], d)) == ERR_LIMIT)
			rc = refuse(m, &m->batch[i], d);
		if (rc == 0 && (x->affected.n > AFFECTED_BATCH ||
		    x->nnamespaces > AFFECTED_BATCH) &&
		    (rc = rows_store(m, x, d)) == 0)
			rows_clear(x);
	}
	if (rc == 0 && x->n > 0)
		rc = rows_store(m, x, d);
	rows_clear(x);
	pool_free(x->pool);
	free(x->namespaces);
	free(x);
	return (rc);
}

static int
flush(struct import *m, struct diag *d)
{
	enum fate fate[BATCH] = { FATE_STORE };
	int rc = 0;

	if (m->n > 0 && (rc = find_fates(m, fate, d)) == 0)
		rc = store_batch(m, fate, d);
	put_aside(m, fate);
	if (rc == 0 && m->result->whole && m->nunreadable > 0)
		rc = DB_QUERY(m->db, sql_feed_seen_insert, NULL, d,
		    db_text(str_of(m->feed)),
		    db_texts(m->unreadable, m->nunreadable));
	batch_clear(m);
	return (rc);
}

/* -------------------------------------------------------------------- reading */

/* "dir/CVE-1.json: why": the file is named after the document, as far as we can
 * know: what is stored of it stays. */
static int
malformed(struct import *m, struct str text, struct diag *d)
{
	struct str name = str_sub(text, 0, str_find(text, ':'));
	size_t slash = str_rfind(name, '/');
	char esc[1024];
	int rc = 0;

	if (slash < name.n)
		name = str_sub(name, slash + 1, name.n);
	m->nameless |= name.n == 0;
	if (str_ends(name, ".json"))
		name = str_sub(name, 0, name.n - 5);
	text_escape(str_sub(name, 0, name.n < 256 ? name.n : 256), esc,
	    sizeof(esc));
	if (m->nunreadable == BATCH)
		rc = flush(m, d);
	m->unreadable[m->nunreadable++] = str_n(mem_strdup(esc), strlen(esc));
	feed_result_malformed(m->result, text);
	return (rc);
}

static struct document *
in_batch(struct import *m, struct str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->batch[i].name, name))
			return (&m->batch[i]);
	return (NULL);
}

/* ${doc} goes into the batch, which makes room for it where it has to. */
static int
batch_add(struct import *m, struct document *doc, struct diag *d)
{
	struct document *other = in_batch(m, doc->name);
	int rc = 0;

	if (other != NULL && str_cmp(doc->modified, other->modified) < 0) {
		document_clear(doc);
		return (0);
	}
	if (other != NULL) {
		m->bytes -= other->record.n;
		document_clear(other);
	} else {
		if ((m->n == BATCH || m->bytes >= BATCH_BYTES) &&
		    (rc = flush(m, d)) < 0)
			document_clear(doc);
		other = &m->batch[m->n];
		m->n += rc == 0;
	}
	if (rc == 0) {
		*other = *doc;
		m->bytes += doc->record.n;
	}
	return (rc);
}

/* What was put aside did not come again, or did as something else. */
static int
settle_aside(struct import *m, struct diag *d)
{
	int rc = flush(m, d);

	m->ending = true;
	for (size_t i = 0; rc == 0 && i < m->naside; i++) {
		rc = batch_add(m, &m->aside[i], d);
		m->aside[i] = (struct document) { .record = { NULL, 0 } };
	}
	if (rc < 0)
		return (rc);	/* import_clear frees the others */
	m->naside = m->aside_bytes = 0;
	return (flush(m, d));
}

static int
add(struct import *m, struct str record, struct diag *d)
{
	struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);
	struct cur c = cur_str(record);
	struct document doc = { .record = { NULL, 0 } };
	struct advisory a;
	struct str text;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) < 0) {
		/* the reader itself was taken over, or its record is too much */
		rc = malformed(m, str_of(d->text), d);
		goto out;
	}
	text = text_clean(pool, a.id, 256);
	doc.name = str_n(mem_strndup(text), text.n);
	text = text_clean(pool, a.modified, MODIFIED_CHARS);
	doc.modified = str_n(mem_strndup(text), text.n);
	doc.record = str_n(mem_strndup(record), record.n);
	digest_of(record.p, record.n, doc.digest);
	if ((rc = batch_add(m, &doc, d)) == 0)
		m->result->documents++;
out:
	pool_free(pool);
	return (rc);
}

/* Everything the reader writes, into the open transaction. */
static int
read_frames(struct import *m, int fd, char why[DIAG_TEXT], struct diag *d)
{
	struct buf b;
	uint8_t type;
	int rc;

	buf_init(&b, 2 * LIMIT_ADVISORY_BYTES);
	while ((rc = frame_read(fd, &type, &b, d)) > 0) {
		if (type == READER_FEED_ADVISORY)
			rc = add(m, buf_view(&b), d);
		else if (type == READER_FEED_MALFORMED)
			rc = malformed(m, buf_view(&b), d);
		else if (type == READER_FEED_ARCHIVE)
			m->result->whole = !m->partial;
		else if (type == READER_FEED_DIAG)
			text_escape(buf_view(&b), why, DIAG_TEXT);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = flush(m, d);
	buf_done(&b);
	return (rc);
}

/* ------------------------------------------------------------------- together */

static int
missing_percent(struct db *db, uint64_t *ret, struct diag *d)
{
	struct db_result *r = NULL;
	uint64_t n = FEED_MISSING_PERCENT;
	int rc = DB_QUERY(db, sql_setting_get, &r, d,
	    db_text(str_of("feed_missing_percent")));

	if (rc == 0 && db_rows(r) > 0 &&
	    (!str_u64(db_col_bytes(r, 0, 0), &n) || n > 100))
		n = FEED_MISSING_PERCENT;
	db_free(r);
	*ret = n;
	return (rc);
}

int
feed_missing_go(struct db *db, const char *feed, uint64_t missing,
    uint64_t known, bool accept, struct feed_result *ret, struct diag *d)
{
	uint64_t percent;
	int rc;

	if ((rc = missing_percent(db, &percent, d)) < 0)
		return (rc);
	if (missing * 100 > known * percent && !accept) {
		ret->missing = missing;
		log_warn("feed lacks known entries: held back", "feed", "%s",
		    feed, "missing", "%llu", (unsigned long long)missing,
		    "known", "%llu", (unsigned long long)known, NULL);
		return (0);
	}
	ret->gone = missing;
	return (missing > 0);
}

int
feed_origin_set(struct db *db, const char *feed, const struct feed_result *r,
    const struct feed_origin *o, uint32_t revision, struct diag *d)
{
	return (DB_QUERY(db, sql_feed_origin_set, NULL, d, db_text(str_of(feed)),
	    db_bool(r->whole), db_int((int64_t)r->missing), db_text(o->url), db_text(o->etag),
	    db_text(o->last_modified), db_text(o->watermark),
	    db_int(revision)));
}

/* After a whole import: what it lacks is withdrawn, or held back.  A feed of which
 * only additions came has lost nothing by its first whole import; another farm's
 * export is asked about all the same. */
static int
withdraw_missing(struct import *m, bool accept, struct diag *d)
{
	struct db_result *r = NULL;
	uint64_t missing, known;
	bool whole;
	int rc;

	if (m->nameless && m->result->malformed > 0)
		return (0);
	if ((rc = DB_QUERY(m->db, sql_feed_missing, &r, d,
	    db_text(str_of(m->feed)))) < 0)
		return (rc);
	missing = (uint64_t)db_col_int(r, 0, 0);
	known = (uint64_t)db_col_int(r, 0, 1);
	whole = db_col_bool(r, 0, 2);
	db_free(r);
	if ((rc = feed_missing_go(m->db, m->feed, missing, known,
	    accept || (!whole && m->database != NULL), m->result, d)) <= 0)
		return (rc);
	return (DB_QUERY(m->db, sql_advisories_gone, NULL, d,
	    db_text(str_of(m->feed))));
}

static int
note_feed(struct import *m, struct diag *d)
{
	struct str names[FEED_NAMES];
	struct feed_result *r = m->result;

	for (size_t i = 0; i < r->nnames; i++)
		names[i] = str_of(r->names[i]);
	return (DB_QUERY(m->db, sql_feed_done, NULL, d,
	    db_text(str_of(m->feed)), db_int((int64_t)r->documents),
	    db_int((int64_t)r->malformed), db_texts(names, r->nnames),
	    db_int((int64_t)r->changed), db_bool(r->whole),
	    db_int((int64_t)r->gone), db_int((int64_t)r->missing)));
}

int
feed_store_begin(struct db *db, const char *feed, struct diag *d)
{
	struct db_param name = db_text(str_of(feed));
	int rc;

	if ((rc = DB_QUERY(db, sql_feed_upsert, NULL, d, name)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_feed_seen_delete, NULL, d, name));
}

/* A release that leaves a feed, as Debian's does at its end, is no release without
 * vulnerabilities: what was said of it is kept.  What has no end was taken back: of
 * npm nothing is kept.  Documents without an order say what they are about in no
 * rows: their namespaces stay. */
static int
forget_namespaces(struct import *m, struct diag *d)
{
	struct db_result *r = NULL;
	struct str ns;
	int rc;

	rc = DB_QUERY(m->db, sql_feed_namespace_silent, &r, d,
	    db_text(str_of(m->feed)));
	for (size_t i = 0; rc == 0 && i < db_rows(r); i++) {
		ns = db_col(r, i, 0);
		if (version_scheme_of_ecosystem(ns) == NULL)
			continue;
		log_warn("feed speaks of it no more", "feed", "%s", m->feed,
		    "namespace", "%s", ns.p, NULL);
		if (m->database != NULL && db_col_bool(r, i, 1) &&
		    namespace_is_release(ns) && i < FREEZE_MAX)
			rc = feed_freeze(m->db, m->database, m->feed, ns, d);
		if (rc == 0)
			rc = DB_QUERY(m->db, sql_feed_namespace_delete, NULL,
			    d, db_text(str_of(m->feed)), db_text(ns));
	}
	db_free(r);
	return (rc);
}

/* What a whole feed speaks about; one that was held back is not taken for whole. */
static int
note_namespaces(struct import *m, struct diag *d)
{
	int rc = forget_namespaces(m, d);

	if (rc == 0 && m->result->missing == 0)
		rc = DB_QUERY(m->db, sql_feed_namespace_whole, NULL, d,
		    db_text(str_of(m->feed)));
	return (rc < 0 ? rc : feed_thaw(m->db, m->feed, d));
}

static int
end(struct import *m, const struct feed_options *o, uint32_t revision,
    struct diag *d)
{
	int rc;

	if ((rc = settle_aside(m, d)) < 0 || (m->result->whole &&
	    ((rc = withdraw_missing(m, o->accept_missing, d)) < 0 ||
	    (rc = note_namespaces(m, d)) < 0)) ||
	    (rc = DB_QUERY(m->db, sql_feed_seen_delete, NULL, d,
	    db_text(str_of(m->feed)))) < 0)
		return (rc);
	if ((rc = feed_origin_set(m->db, m->feed, m->result, &o->origin,
	    revision, d)) < 0)
		return (rc);
	return (note_feed(m, d));
}

/* What failed for good is seen beside the feed, when there is one. */
static void
note_failure(struct db *db, const char *feed, int rc, const struct diag *why)
{
	if (rc < 0 && rc != ERR_TEMPORARY)
		(void)DB_QUERY(db, sql_feed_failed, NULL, NULL,
		    db_text(str_of(feed)), db_text(str_of(why->text)));
}

int
feed_import_fd(struct db *db, struct coordinator *co, const char *feed, int fd,
    const struct feed_options *o, struct feed_result *ret, struct diag *d)
{
	struct import *m;
	struct str importer = str_sub(str_of(feed), 0, str_find(str_of(feed),
	    '/'));
	const struct feed_importer *kind = kind_of(feed);
	char why[DIAG_TEXT] = "";
	struct launcher_run run;
	struct diag ended = { 0 };
	int rc, result;

	if (kind == &feed_redhat_repositories)
		return (content_set_import_fd(db, co, fd, o, ret, d));
	if (kind != NULL && kind->beside)
		return (exploit_import_fd(db, co, kind, fd, o, ret, d));
	m = mem_alloc(sizeof(*m));
	m->db = db;
	m->database = co->database;
	m->feed = feed;
	m->kind = kind;
	m->result = ret;
	m->partial = o->partial;
	m->update = o->partial && o->origin.url.n != 0;
	m->nameless = kind != &feed_osv;
	ret->whole = kind != NULL && kind->whole && !o->partial;
	if ((rc = launcher_run(co->readers, READER_FEED, importer, fd, &run,
	    d)) < 0)
		goto out;
	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = feed_store_begin(db, feed, d)) == 0)
		rc = read_frames(m, run.out, why, d);
	result = launcher_wait(&run, &ended);
	if (rc == 0 && result < 0)
		rc = diag_set(d, result, 0, "%s", why[0] != '\0' ? why :
		    ended.text);
	/* it must not make the feed look fresh */
	if (rc == 0 && ret->documents == 0 && ret->malformed > 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "no document could be read: "
		    "%s", ret->nnames > 0 ? ret->names[0] : "");
	if (rc == 0 && (rc = end(m, o, kind->revision, d)) == 0)
		rc = db_commit(db, d);
	log_info("feed imported", "feed", "%s", feed, "documents", "%llu",
	    (unsigned long long)ret->documents, "changed", "%llu",
	    (unsigned long long)ret->changed, "gone", "%llu",
	    (unsigned long long)ret->gone, "malformed", "%llu",
	    (unsigned long long)ret->malformed, "result", "%s", err_name(rc),
	    NULL);
out:
	db_rollback(db);
	note_failure(db, feed, rc, d);
	import_clear(m);
	free(m);
	return (rc);
}

int
feed_files_gone(struct db *db, const char *feed, const struct str *names,
    size_t n, struct feed_result *ret, struct diag *d)
{
	struct import m = { .db = db, .feed = feed, .result = ret };
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_begin(db, d)) < 0 ||
	    (rc = feed_store_begin(db, feed, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_advisories_gone_files, &r, d,
	    db_text(str_of(feed)), db_texts(names, n))) < 0)
		goto out;
	ret->gone = db_rows(r);
	db_free(r);
	/* a feed that is not there does not begin so */
	if (ret->gone > 0 && (rc = note_feed(&m, d)) == 0)
		rc = db_commit(db, d);
out:
	db_rollback(db);
	return (rc);
}

static int
lock(struct db *db, const char *feed, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = DB_QUERY(db, sql_feed_lock, &r, d, db_text(str_of(feed)));

	if (rc == 0 && db_rows(r) == 0)
		rc = diag_set(d, ERR_NOT_FOUND, 0, "the farm has no feed of that "
		    "name");
	db_free(r);
	return (rc);
}

int
feed_remove(struct db *db, const char *feed, struct feed_result *ret,
    struct diag *d)
{
	struct import m = { .db = db, .feed = feed, .result = ret };
	struct db_param name = db_text(str_of(feed));
	struct db_result *r = NULL;
	int rc;

	if (str_find(str_of(feed), '/') == strlen(feed))
		return (diag_set(d, ERR_USAGE, 0, "%s stands beside what advisories "
		    "say: another import replaces it, none takes it out", feed));
	if ((rc = db_begin(db, d)) < 0 || (rc = lock(db, feed, d)) < 0 ||
	    /* nothing was seen of it: all is missing */
	    (rc = feed_store_begin(db, feed, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_feed_missing, &r, d, name)) < 0)
		goto out;
	ret->gone = (uint64_t)db_col_int(r, 0, 0);
	db_free(r);
	if ((rc = DB_QUERY(db, sql_advisories_gone, NULL, d, name)) == 0 &&
	    (rc = DB_QUERY(db, sql_feed_namespace_keep, NULL, d, name,
	    db_texts(NULL, 0))) == 0 &&
	    (rc = DB_QUERY(db, sql_feed_remove, NULL, d, name)) == 0 &&
	    (rc = note_feed(&m, d)) == 0)
		rc = db_commit(db, d);
out:
	db_rollback(db);
	return (rc);
}

/* --------------------------------------------------------------- from elsewhere */

struct feed_store {
	struct import m;
};

struct feed_store *
feed_store_new(struct db *db, const char *feed, struct feed_result *ret)
{
	struct feed_store *s = mem_alloc(sizeof(*s));

	s->m.db = db;
	s->m.feed = feed;
	s->m.kind = kind_of(feed);
	s->m.result = ret;
	return (s);
}

void
feed_store_free(struct feed_store *s)
{
	if (s == NULL)
		return;
	import_clear(&s->m);
	free(s);
}

int
feed_store_add(struct feed_store *s, struct str record, struct diag *d)
{
	return (add(&s->m, record, d));
}

int
feed_store_flush(struct feed_store *s, struct diag *d)
{
	return (flush(&s->m, d));
}

int
feed_store_end(struct feed_store *s, bool accept_missing, struct diag *d)
{
	struct feed_options o = { .accept_missing = accept_missing };

	/* no file was read by an importer of ours */
	return (end(&s->m, &o, 0, d));
}

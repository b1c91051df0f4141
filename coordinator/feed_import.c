/*
 * Advisories from a sandboxed reader into rows.  Runs in a thread of its own
 * with its own connection; touches advisory, affected and feed rows only and
 * marks what changed: findings are the matcher's, and only the matcher's.
 */
#include <stdlib.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/match.h"
#include "feed_import.h"
#include "reader.h"
#include "sql.h"

/* Documents looked up at once. */
#define BATCH 500

struct document {
	struct str record;	/* advisory_write() of it, owned */
	struct str name;	/* owned */
	uint8_t digest[DIGEST_BYTES];
};

struct import {
	struct db *db;
	const char *feed;
	struct feed_result *result;
	struct document batch[BATCH];
	size_t n;
};

void
feed_result_done(struct feed_result *r)
{
	for (size_t i = 0; i < r->nnames; i++)
		free(r->names[i]);
	*r = (struct feed_result) { 0 };
}

/* The ranges of all entries of ${a} as rows of table affected. */
static int
store_affected(struct import *m, int64_t id, const struct advisory *a,
    struct pool *pool, int64_t *unmatched, bool *matched, struct diag *d)
{
	struct str *ns = NULL, *names = NULL, *lo = NULL, *hi = NULL;
	int64_t *entries = NULL;
	size_t n = 0, cap = 0;
	int rc = 0;

	for (size_t e = 0; e < a->naffected; e++) {
		struct match_range *r = NULL;
		bool no_order = false;
		size_t k = 0;

		if ((rc = match_entry_ranges(&a->affected[e], pool, &r, &k,
		    &no_order, d)) < 0)
			goto out;
		*unmatched += no_order;
		*matched = *matched || k > 0;
		if (n + k > cap) {
			cap = (n + k) * 2;
			ns = mem_realloc(ns, cap, sizeof(*ns));
			names = mem_realloc(names, cap, sizeof(*names));
			lo = mem_realloc(lo, cap, sizeof(*lo));
			hi = mem_realloc(hi, cap, sizeof(*hi));
			entries = mem_realloc(entries, cap, sizeof(*entries));
		}
		for (size_t i = 0; i < k; i++, n++) {
			ns[n] = text_clean(pool, r[i].namespace, 256);
			names[n] = text_clean(pool, r[i].name, 1024);
			lo[n] = r[i].lo;
			hi[n] = r[i].hi;
			entries[n] = (int64_t)e;
		}
	}
	if (n > 0)
		rc = DB_QUERY(m->db, sql_affected_insert, NULL, d, db_int(id),
		    db_ints(entries, n), db_texts(ns, n), db_texts(names, n),
		    db_blobs(lo, n), db_blobs(hi, n));
out:
	free(ns);
	free(names);
	free(lo);
	free(hi);
	free(entries);
	return (rc);
}

/* The namespaces that ${a} speaks about, for coverage. */
static int
store_namespaces(struct import *m, const struct advisory *a,
    struct pool *pool, struct diag *d)
{
	struct str *ns = pool_alloc(pool, (a->naffected + 1) * sizeof(*ns));
	size_t n = 0;

	if (ns == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < a->naffected; i++)
		if (n == 0 || !str_eq(ns[n - 1], a->affected[i].ecosystem))
			ns[n++] = text_clean(pool, a->affected[i].ecosystem, 256);
	if (n == 0)
		return (0);
	return (DB_QUERY(m->db, sql_feed_namespace_insert, NULL, d,
	    db_text(str_of(m->feed)), db_texts(ns, n)));
}

static int
store_one(struct import *m, const struct document *doc, struct diag *d)
{
	struct pool *pool = pool_new(16 * LIMIT_ADVISORY_BYTES);
	struct cur c = cur_str(doc->record);
	struct db_result *r = NULL;
	int64_t id, unmatched = 0;
	bool matched = false;
	struct advisory a;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) < 0)
		goto out;
	if ((rc = DB_QUERY(m->db, sql_advisory_upsert, &r, d,
	    db_text(str_of(m->feed)), db_text(text_clean(pool, a.id, 256)),
	    db_bytes(str_n(doc->digest, DIGEST_BYTES)),
	    db_text(text_clean(pool, a.modified, 64)), db_bool(a.withdrawn.n != 0),
	    db_text(text_clean(pool, a.summary, 1024)), db_int(a.severity),
	    db_text(text_clean(pool, a.cvss, 512)), db_bytes(doc->record))) < 0)
		goto out;
	id = db_col_int(r, 0, 0);
	if ((rc = DB_QUERY(m->db, sql_affected_delete, NULL, d,
	    db_int(id))) < 0 ||
	    (rc = store_affected(m, id, &a, pool, &unmatched, &matched,
	    d)) < 0 ||
	    (rc = store_namespaces(m, &a, pool, d)) < 0)
		goto out;
	if (unmatched > 0)
		rc = DB_QUERY(m->db, sql_advisory_unmatched, NULL, d,
		    db_int(id), db_int(unmatched));
	m->result->unmatched += a.naffected > 0 && !matched;
	m->result->changed++;
out:
	db_free(r);
	pool_free(pool);
	return (rc);
}

/* Store the documents of the batch that are new or differ. */
static int
flush(struct import *m, struct diag *d)
{
	struct str names[BATCH], digests[BATCH];
	struct db_result *r = NULL;
	bool same[BATCH] = { false };
	int rc;

	for (size_t i = 0; i < m->n; i++) {
		names[i] = m->batch[i].name;
		digests[i] = str_n(m->batch[i].digest, DIGEST_BYTES);
	}
	rc = DB_QUERY(m->db, sql_advisories_same, &r, d,
	    db_text(str_of(m->feed)), db_texts(names, m->n),
	    db_blobs(digests, m->n));
	for (size_t i = 0; rc == 0 && i < db_rows(r); i++)
		same[db_col_int(r, i, 0) - 1] = true;
	db_free(r);
	for (size_t i = 0; rc == 0 && i < m->n; i++)
		if (!same[i])
			rc = store_one(m, &m->batch[i], d);
	for (size_t i = 0; i < m->n; i++) {
		free((void *)(uintptr_t)m->batch[i].record.p);
		free((void *)(uintptr_t)m->batch[i].name.p);
	}
	m->n = 0;
	return (rc);
}

static int
add(struct import *m, struct str record, struct diag *d)
{
	struct pool *pool = pool_new(16 * LIMIT_ADVISORY_BYTES);
	struct document *doc = &m->batch[m->n];
	struct cur c = cur_str(record);
	struct advisory a;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) == 0) {
		struct str name = text_clean(pool, a.id, 256);

		doc->record = str_n(mem_strndup(record), record.n);
		doc->name = str_n(mem_strndup(name), name.n);
		digest_of(record.p, record.n, doc->digest);
		m->n++;
		m->result->documents++;
	}
	pool_free(pool);
	return (rc < 0 ? rc : m->n == BATCH ? flush(m, d) : 0);
}

static void
malformed(struct import *m, struct str text)
{
	char esc[1024];

	m->result->malformed++;
	if (m->result->nnames == FEED_NAMES)
		return;
	text_escape(text, esc, sizeof(esc));
	m->result->names[m->result->nnames++] = mem_strdup(esc);
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
			malformed(m, buf_view(&b));
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
	    db_int((int64_t)r->changed)));
}

int
feed_import_fd(struct db *db, struct coordinator *co, const char *feed, int fd,
    struct feed_result *ret, struct diag *d)
{
	struct import *m = mem_alloc(sizeof(*m));
	struct str importer = str_sub(str_of(feed), 0, str_find(str_of(feed),
	    '/'));
	char why[DIAG_TEXT] = "";
	struct launcher_run run;
	struct diag ended = { 0 };
	int rc, result;

	m->db = db;
	m->feed = feed;
	m->result = ret;
	if ((rc = launcher_run(co->readers, READER_FEED, importer, fd, &run,
	    d)) < 0)
		goto out;
	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = DB_QUERY(db, sql_feed_upsert, NULL, d,
	    db_text(str_of(feed)))) == 0)
		rc = read_frames(m, run.out, why, d);
	result = launcher_wait(&run, &ended);
	if (rc == 0 && result < 0)
		rc = diag_set(d, result, 0, "%s", why[0] != '\0' ? why :
		    ended.text);
	/* it must not make the feed look fresh */
	if (rc == 0 && ret->documents == 0 && ret->malformed > 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "no document could be read: "
		    "%s", ret->nnames > 0 ? ret->names[0] : "");
	if (rc == 0 && (rc = note_feed(m, d)) == 0)
		rc = db_commit(db, d);
	log_info("feed imported", "feed", "%s", feed, "documents", "%llu",
	    (unsigned long long)ret->documents, "changed", "%llu",
	    (unsigned long long)ret->changed, "malformed", "%llu",
	    (unsigned long long)ret->malformed, "result", "%s", err_name(rc),
	    NULL);
out:
	db_rollback(db);
	for (size_t i = 0; i < m->n; i++) {
		free((void *)(uintptr_t)m->batch[i].record.p);
		free((void *)(uintptr_t)m->batch[i].name.p);
	}
	free(m);
	return (rc);
}

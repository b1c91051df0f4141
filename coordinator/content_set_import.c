/* Rows of repositories; see content_set_import.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "content_set_import.h"
#include "coordinator/matcher/feed.h"
#include "reader.h"
#include "sql.h"

static const char feed[] = "redhat_repositories";

/* All of the file at once: it is small enough. */
struct import {
	struct db *db;
	struct feed_result *result;
	bool within;		/* a transaction of the caller's */
	struct pool *pool;
	struct str *names, *cpes;
	size_t n, cap;
};

static int
add(struct import *m, const struct content_set *s, struct diag *d)
{
	if (m->n == m->cap) {
		m->cap = m->cap != 0 ? 2 * m->cap : 1024;
		m->names = mem_realloc(m->names, m->cap, sizeof(*m->names));
		m->cpes = mem_realloc(m->cpes, m->cap, sizeof(*m->cpes));
	}
	m->names[m->n] = text_clean(m->pool, s->name, LIMIT_CONTENT_SET);
	m->cpes[m->n] = text_clean(m->pool, s->cpes, LIMIT_CONTENT_SET_CPES);
	/* text_clean gives nothing when the pool is full */
	if (m->names[m->n].n == 0 || (m->cpes[m->n].n == 0 && s->cpes.n != 0))
		return (diag_set(d, ERR_LIMIT, 0, "more repositories than "
		    "memory is allowed for"));
	m->n++;
	m->result->documents++;
	return (0);
}

static int
add_all(struct import *m, struct cur c, struct diag *d)
{
	struct content_set s;
	int rc = 0;

	while (rc == 0 && cur_left(&c) > 0) {
		if (!content_set_read(&c, &s))
			return (diag_set(d, ERR_MALFORMED, 0, "the reader gave "
			    "a repository that is none"));
		rc = add(m, &s, d);
	}
	return (rc);
}

static void
malformed(struct import *m, struct str text)
{
	struct feed_result *r = m->result;
	char esc[1024];

	r->malformed++;
	if (r->nnames == FEED_NAMES)
		return;
	text_escape(text, esc, sizeof(esc));
	r->names[r->nnames++] = mem_strdup(esc);
}

static int
read_frames(struct import *m, int fd, char why[DIAG_TEXT], struct diag *d)
{
	struct buf b;
	uint8_t type;
	int rc;

	buf_init(&b, READER_BESIDE_FRAME);
	while ((rc = frame_read(fd, &type, &b, d)) > 0) {
		rc = 0;
		if (type == READER_FEED_CONTENT_SETS)
			rc = add_all(m, cur_str(buf_view(&b)), d);
		else if (type == READER_FEED_MALFORMED)
			malformed(m, buf_view(&b));
		else if (type == READER_FEED_DIAG)
			text_escape(buf_view(&b), why, DIAG_TEXT);
		if (rc < 0)
			break;
	}
	buf_done(&b);
	return (rc);
}

/* What the file lacks goes, or is held back when it is too much to believe. */
static int
remove_missing(struct import *m, bool accept, struct diag *d)
{
	struct db_result *r = NULL;
	uint64_t missing, known, percent;
	int rc;

	if ((rc = feed_missing_percent(m->db, &percent, d)) < 0 ||
	    (rc = DB_QUERY(m->db, sql_content_sets_missing, &r, d,
	    db_texts(m->names, m->n))) < 0)
		return (rc);
	missing = (uint64_t)db_col_int(r, 0, 0);
	known = (uint64_t)db_col_int(r, 0, 1);
	db_free(r);
	if (missing * 100 > known * percent && !accept) {
		m->result->missing = missing;
		log_warn("feed lacks known entries: held back", "feed", "%s",
		    feed, "missing", "%llu", (unsigned long long)missing,
		    "known", "%llu", (unsigned long long)known, NULL);
		return (0);
	}
	m->result->gone = missing;
	return (missing == 0 ? 0 : DB_QUERY(m->db, sql_content_sets_gone, NULL,
	    d, db_texts(m->names, m->n)));
}

static int
store(struct import *m, const struct feed_options *o, struct diag *d)
{
	struct db_param name = db_text(str_of(feed));
	struct feed_result *f = m->result;
	struct str names[FEED_NAMES];
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(m->db, sql_content_sets_put, &r, d,
	    db_texts(m->names, m->n), db_texts(m->cpes, m->n))) < 0)
		return (rc);
	f->changed = (uint64_t)db_col_int(r, 0, 0);
	db_free(r);
	if ((rc = remove_missing(m, o->accept_missing, d)) < 0)
		return (rc);
	if (f->changed + f->gone > 0 &&
	    (rc = db_query0(m->db, sql_content_sets_dirty, NULL, d)) < 0)
		return (rc);
	for (size_t i = 0; i < f->nnames; i++)
		names[i] = str_of(f->names[i]);
	if ((rc = feed_origin_set(m->db, feed, f, &o->origin,
	    feed_redhat_repositories.revision, d)) < 0)
		return (rc);
	return (DB_QUERY(m->db, sql_exploits_done, NULL, d, name,
	    db_int((int64_t)f->documents), db_int((int64_t)f->malformed),
	    db_texts(names, f->nnames), db_int((int64_t)f->changed),
	    db_int((int64_t)f->gone), db_int((int64_t)f->missing)));
}

/* One transaction; no image is applied between what is stored and its mark. */
static int
commit(struct import *m, const struct feed_options *o, struct diag *d)
{
	int rc;

	if ((!m->within && (rc = db_begin(m->db, d)) < 0) ||
	    (rc = db_query0(m->db, sql_content_sets_lock, NULL, d)) < 0 ||
	    (rc = DB_QUERY(m->db, sql_feed_upsert, NULL, d,
	    db_text(str_of(feed)))) < 0 || (rc = store(m, o, d)) < 0)
		return (rc);
	return (m->within ? 0 : db_commit(m->db, d));
}

int
content_set_import_fd(struct db *db, struct coordinator *co, int fd,
    const struct feed_options *o, struct feed_result *ret, struct diag *d)
{
	struct import m = { .db = db, .result = ret,
		.within = db_in_transaction(db) };
	char why[DIAG_TEXT] = "";
	struct launcher_run run;
	struct diag ended = { 0 };
	int rc, result;

	m.pool = pool_new(4 * LIMIT_CONTENT_SETS_BYTES);
	ret->whole = true;
	if ((rc = launcher_run(co->readers, READER_FEED, str_of(feed), fd, &run,
	    d)) < 0)
		goto out;
	rc = read_frames(&m, run.out, why, d);
	result = launcher_wait(&run, &ended);
	if (rc == 0 && result < 0)
		rc = diag_set(d, result, 0, "%s", why[0] != '\0' ? why :
		    ended.text);
	/* it must not make the feed look fresh */
	if (rc == 0 && ret->documents == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "no entry could be read: "
		    "%s", ret->nnames > 0 ? ret->names[0] : "there is none");
	if (rc == 0)
		rc = commit(&m, o, d);
	log_info("feed imported", "feed", "%s", feed, "entries", "%llu",
	    (unsigned long long)ret->documents, "changed", "%llu",
	    (unsigned long long)ret->changed, "gone", "%llu",
	    (unsigned long long)ret->gone, "malformed", "%llu",
	    (unsigned long long)ret->malformed, "result", "%s", err_name(rc),
	    NULL);
out:
	if (!m.within)
		db_rollback(db);
	pool_free(m.pool);
	free(m.names);
	free(m.cpes);
	return (rc);
}

/* Rows of repositories; see content_set_import.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "content_set_import.h"
#include "coordinator/matcher/feed.h"
#include "feed_beside.h"
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

/* A feed_beside_add. */
static int
add_all(void *arg, struct cur c, struct diag *d)
{
	struct import *m = arg;
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

/* What the file lacks goes, or is held back when it is too much to believe. */
static int
remove_missing(struct import *m, bool accept, struct diag *d)
{
	struct db_result *r = NULL;
	uint64_t missing, known;
	int rc;

	if ((rc = DB_QUERY(m->db, sql_content_sets_missing, &r, d,
	    db_texts(m->names, m->n))) < 0)
		return (rc);
	missing = (uint64_t)db_col_int(r, 0, 0);
	known = (uint64_t)db_col_int(r, 0, 1);
	db_free(r);
	if ((rc = feed_missing_go(m->db, feed, missing, known, accept,
	    m->result, d)) <= 0)
		return (rc);
	return (DB_QUERY(m->db, sql_content_sets_gone, NULL, d,
	    db_texts(m->names, m->n)));
}

static int
store(struct import *m, const struct feed_options *o, struct diag *d)
{
	struct feed_result *f = m->result;
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
	return (feed_beside_note(m->db, &feed_redhat_repositories, f,
	    &o->origin, d));
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
	int rc;

	m.pool = pool_new(4 * LIMIT_CONTENT_SETS_BYTES);
	ret->whole = true;
	if ((rc = launcher_run(co->readers, READER_FEED, str_of(feed), fd, &run,
	    d)) < 0)
		goto out;
	rc = feed_beside_read(run.out, READER_FEED_CONTENT_SETS, add_all, &m,
	    ret, why, d);
	rc = feed_beside_wait(&run, rc, why, ret, d);
	if (rc == 0)
		rc = commit(&m, o, d);
	feed_beside_log(&feed_redhat_repositories, ret, rc);
out:
	if (!m.within)
		db_rollback(db);
	pool_free(m.pool);
	free(m.names);
	free(m.cpes);
	return (rc);
}

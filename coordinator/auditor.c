/* The leader's actor that audits, on request and once a day, beside the matcher,
 * in a session that only reads.  What is compared: audit.h. */
#include "actor.h"
#include "audit.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/log.h"
#include "coordinator.h"
#include "leader.h"
#include "rematch.h"
#include "sql.h"
#include "wake.h"

/* Once a day; a setting of that name, in seconds, says otherwise. */
#define EVERY_S 86400
/* Differences in the log; table audit_run has more. */
#define LOGGED 20
/* A farm that never rests this long is told so. */
#define PATIENCE_MS 3600000

struct auditor {
	struct db *db;		/* reads, for as long as it takes */
	zsock_t *pipe;
	int64_t waiting_for;	/* audit that could not begin yet */
	int64_t since;		/* zclock_mono() */
	bool end;
};

static bool
stop_now(void *arg)
{
	struct auditor *x = arg;

	x->end = x->end || !actor_wait(x->pipe, WAKE_AUDIT, 0);
	return (x->end || leader_epoch() == 0);
}

static int
every(struct auditor *x, int64_t *ret, struct diag *d)
{
	struct db_result *r = NULL;
	uint64_t n = EVERY_S;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_setting_get, &r, d,
	    db_text(str_of("audit_every_s")))) == 0 && db_rows(r) > 0 &&
	    (!str_u64(db_col_bytes(r, 0, 0), &n) || n > INT32_MAX))
		n = EVERY_S;
	db_free(r);
	*ret = (int64_t)n;
	return (rc);
}

/* {"finding": 3} */
static int
tables_json(const struct audit_report *r, struct buf *b)
{
	struct json_writer w;

	json_w_init(&w, b);
	json_w_object(&w);
	for (int i = 0; i < AUDIT_TABLES; i++)
		if (r->tables[i] > 0)
			json_w_kint(&w, audit_table_names[i], r->tables[i]);
	json_w_end_object(&w);
	return (0);
}

static int
finish(struct auditor *x, int64_t id, const struct audit_report *r,
    const char *error, struct diag *d)
{
	struct buf b;
	int rc;

	buf_init(&b, 64 * KIB);
	(void)tables_json(r, &b);
	if ((rc = db_begin(x->db, d)) == 0 &&
	    (rc = leader_fence(x->db, leader_epoch(), d)) == 0 &&
	    (rc = DB_QUERY(x->db, sql_audit_end, NULL, d, db_int(id),
	    db_int(r->rows), db_int(r->differences), db_text(buf_view(&b)),
	    db_texts(r->details, r->ndetails), db_text(str_of(error)))) == 0)
		rc = db_commit(x->db, d);
	db_rollback(x->db);
	buf_done(&b);
	return (rc);
}

/* Try one; when the matcher is busy, later. */
static int
run(struct auditor *x, int64_t id, struct diag *d)
{
	struct audit_report r = { 0 };
	struct diag why = { 0 };
	int rc;

	if (x->waiting_for != id) {
		x->waiting_for = id;
		x->since = zclock_mono();
	}
	if ((rc = DB_QUERY(x->db, sql_audit_start, NULL, d, db_int(id))) < 0)
		return (rc);
	if ((rc = db_begin(x->db, &why)) == 0 &&
	    (rc = db_query0(x->db, sql_audit_begin, NULL, &why)) == 0)
		rc = audit_compare(x->db, stop_now, x, &r, &why);
	db_rollback(x->db);
	if (rc == ERR_TEMPORARY && zclock_mono() - x->since < PATIENCE_MS)
		rc = 0;
	else {
		log_info("audit", "differences", "%lld",
		    (long long)r.differences, "rows", "%lld",
		    (long long)r.rows, "error", "%s", rc < 0 ? why.text : "",
		    NULL);
		for (size_t i = 0; i < r.ndetails && i < LOGGED; i++)
			log_warn("audit: a row differs", "row", "%s",
			    r.details[i].p, NULL);
		rc = finish(x, id, &r, rc < 0 ? why.text : "", d);
	}
	audit_report_done(&r);
	return (rc);
}

static int
look(struct auditor *x, struct diag *d)
{
	struct db_result *r = NULL;
	int64_t s, id = 0;
	int rc;

	if ((rc = every(x, &s, d)) < 0 ||
	    (rc = DB_QUERY(x->db, sql_audit_due, &r, d, db_int(s))) < 0)
		return (rc);
	if (db_rows(r) > 0)
		id = db_col_int(r, 0, 0);
	db_free(r);
	return (id != 0 ? run(x, id, d) : 0);
}

void
audit_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	struct auditor x = { .pipe = pipe };
	struct diag d = { 0 };
	int rc;

	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm audit", &x.db))
		return;
	do {
		rc = 0;
		if (leader_epoch() == 0 || !db_alive(x.db))
			continue;
		if ((rc = rematch_prepare(x.db, &d)) == 0)
			rc = look(&x, &d);
		if (rc < 0)
			log_warn("audit", "reason", "%s", d.text, NULL);
	} while (!x.end && actor_wait(pipe, WAKE_AUDIT, rc < 0 ? 5000 : 1000));
	db_close(x.db);
}

/*
 * Changed verdicts to those who want to know.  The outbox (table notification) is
 * written with the ledger; each target has read it up to one row, in its order,
 * so changes of one image reach it in theirs, at least once: what was sent and not
 * noted when the coordinator ended is sent again.
 *
 * Few changes are told one by one, many at once as a digest.  One delivery at a time,
 * within SEND_S: targets that answered come before those that did not, which wait
 * ever longer, so a dead one delays the others by one try now and then.
 */
#include <stdlib.h>
#include "actor.h"
#include "common/digest.h"
#include "common/http.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "coordinator.h"
#include "credentials.h"
#include "leader.h"
#include "sql.h"

/* A receiver that does its work before it answers is too slow for more. */
#define SEND_S 15
/* More than so many changes that wait are told as a digest... */
#define CHANGES 100
/* ...of so many at once: those of one large advisory in some deliveries. */
#define DIGEST_CHANGES 20000
#define ANSWER_MAX (64 * KIB)
#define SWEEP_MS (3600 * 1000)
#define SWEEP_ROWS 10000

struct notifier {
	struct coordinator *co;
	struct db *db;
	struct http *http;
	int64_t epoch;
	int64_t deadline;	/* of the delivery under way; zclock_mono() */
	int64_t sweep_at;
};

struct target {
	int64_t id, delivered;
	char *name, *url, *secret_file;
	bool insecure, everything;
};

struct batch {
	int64_t last, changes;
	struct db_result *rows;		/* holds the body */
	struct str body;
};

static void
target_done(struct target *t)
{
	free(t->name);
	free(t->url);
	free(t->secret_file);
}

/* 1: there is one. */
static int
next_target(struct notifier *x, struct target *t, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(x->db, sql_notify_due, &r, d)) < 0)
		return (rc);
	if ((rc = (int)db_rows(r)) > 0)
		*t = (struct target) { .id = db_col_int(r, 0, 0),
			.name = mem_strndup(db_col(r, 0, 1)),
			.url = mem_strndup(db_col(r, 0, 2)),
			.secret_file = mem_strndup(db_col(r, 0, 3)),
			.insecure = db_col_bool(r, 0, 4),
			.everything = db_col_bool(r, 0, 5),
			.delivered = db_col_int(r, 0, 6) };
	db_free(r);
	return (rc);
}

static int
make_batch(struct notifier *x, const struct target *t, struct batch *ret,
    struct diag *d)
{
	struct db_result *r = NULL;
	bool many;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_notify_waiting, &r, d,
	    db_int(t->delivered), db_int(CHANGES + 1))) < 0)
		return (rc);
	many = db_col_int(r, 0, 0) > CHANGES;
	db_free(r);
	if ((rc = DB_QUERY(x->db, many ? sql_notify_digest : sql_notify_changes,
	    &ret->rows, d, db_int(t->delivered), db_int(many ? DIGEST_CHANGES :
	    CHANGES), db_bool(t->everything), db_text(str_of(t->name)))) < 0)
		return (rc);
	ret->last = db_col_int(ret->rows, 0, 0);
	ret->changes = db_col_int(ret->rows, 0, 1);
	ret->body = db_col(ret->rows, 0, 2);
	return (0);
}

static bool
too_long(void *arg)
{
	const struct notifier *x = arg;

	return (zclock_mono() > x->deadline || leader_epoch() != x->epoch);
}

/* "X-Scanfarm-Signature: sha256=HEX" of the body in ${ret}. */
static int
sign(const struct target *t, struct str body, char *ret, size_t size,
    struct diag *d)
{
	uint8_t mac[DIGEST_BYTES];
	char text[DIGEST_TEXT];
	struct str secret;
	int rc;

	if ((rc = credentials_read("the target's secret file", t->secret_file,
	    &secret, d)) < 0)
		return (rc);
	digest_hmac(secret, body.p, body.n, mac);
	digest_format(mac, text);	/* sha256:HEX */
	credentials_wipe(&secret);
	snprintf(ret, size, "X-Scanfarm-Signature: sha256=%s", text + 7);
	return (0);
}

/* 0, or why it was not taken. */
static int
post(struct notifier *x, const struct target *t, const struct batch *b,
    int64_t *retry_after_s, struct diag *d)
{
	char delivery[100], signature[120];
	struct http_request q = { .method = "POST", .url = t->url,
		.body = b->body, .insecure = t->insecure,
		.max_body = ANSWER_MAX, .stall_s = SEND_S,
		.headers = { "Content-Type: application/json", delivery } };
	struct http_response r;
	int rc;

	snprintf(delivery, sizeof(delivery), "X-Scanfarm-Delivery: %lld-%lld",
	    (long long)t->delivered + 1, (long long)b->last);
	if (t->secret_file[0] != '\0') {
		if ((rc = sign(t, b->body, signature, sizeof(signature),
		    d)) < 0)
			return (rc);
		q.headers[2] = signature;
	}
	x->deadline = zclock_mono() + SEND_S * 1000;
	http_set_stop(x->http, too_long, x);
	if ((rc = http_send(x->http, &q, &r, d)) == 0 && r.status / 100 != 2)
		rc = diag_set(d, ERR_TEMPORARY, 0, "it answers %ld", r.status);
	*retry_after_s = r.retry_after_s;
	http_response_done(&r);
	return (rc);
}

/* Behind the fence: two leaders do not tell each other's targets apart. */
static int
note(struct notifier *x, const struct target *t, const struct batch *b,
    int64_t retry_after_s, const struct diag *why, struct diag *d)
{
	int rc;

	if ((rc = db_begin(x->db, d)) == 0 &&
	    (rc = leader_fence(x->db, x->epoch, d)) == 0 &&
	    (rc = why == NULL ? DB_QUERY(x->db, sql_notify_delivered, NULL, d,
	    db_int(t->id), db_int(b->last), db_bool(b->changes > 0)) :
	    DB_QUERY(x->db, sql_notify_failed, NULL, d, db_int(t->id),
	    db_text(str_of(why->text)), db_int(retry_after_s))) == 0)
		rc = db_commit(x->db, d);
	db_rollback(x->db);
	return (rc);
}

/* 1: a target was told or tried. */
static int
deliver(struct notifier *x, struct diag *d)
{
	struct target t = { 0 };
	struct batch b = { 0 };
	struct diag why = { 0 };
	int64_t retry_after_s = 0;
	int rc, sent = 0;

	if ((rc = next_target(x, &t, d)) <= 0)
		goto out;
	if ((rc = make_batch(x, &t, &b, d)) < 0)
		goto out;
	if (b.changes > 0)
		sent = post(x, &t, &b, &retry_after_s, &why);
	if (sent < 0 && leader_epoch() != x->epoch)
		goto out;	/* stopped by ourselves: no fault of the target */
	if (sent < 0)
		log_warn("a target was not told", "target", "%s", t.name,
		    "reason", "%s", why.text, NULL);
	rc = note(x, &t, &b, retry_after_s, sent < 0 ? &why : NULL, d);
	if (rc == 0)
		rc = 1;
out:
	db_free(b.rows);
	target_done(&t);
	return (rc);
}

static int
sweep(struct notifier *x, struct diag *d)
{
	if (zclock_mono() < x->sweep_at)
		return (0);
	x->sweep_at = zclock_mono() + SWEEP_MS;
	return (DB_QUERY(x->db, sql_notify_sweep, NULL, d, db_int(SWEEP_ROWS)));
}

void
notify_actor(zsock_t *pipe, void *arg)
{
	struct notifier x = { .co = arg, .http = http_new() };
	struct diag d = { 0 };
	int rc = 0;

	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, x.co->database, "scanfarm notify", &x.db))
		goto out;
	do {
		rc = 0;
		if ((x.epoch = leader_epoch()) == 0 || !db_alive(x.db))
			continue;
		if ((rc = deliver(&x, &d)) == 0)
			rc = sweep(&x, &d);
		if (rc < 0)
			log_warn("notify", "reason", "%s", d.text, NULL);
	} while (actor_wait(pipe, WAKE_NOTIFY, rc > 0 ? 0 : rc < 0 ? 2000 :
	    1000));
out:
	db_close(x.db);
	http_free(x.http);
}

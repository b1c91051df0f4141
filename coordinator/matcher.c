/*
 * The one matcher of the farm, run by the leader: applies images, matches new
 * packages first and then one batch of changed advisories, and judges.  Every
 * step is a transaction behind the fence; whatever is interrupted is found
 * unmatched again.
 */
#include <string.h>
#include "actor.h"
#include "apply_store.h"
#include "common/log.h"
#include "coordinator.h"
#include "leader.h"
#include "rematch.h"
#include "sql.h"
#include "sweep.h"
#include "verdict.h"

#define IMAGES 16		/* applied in one transaction */
#define REAPPLIED 256		/* that wait for it since a layer was read again */
/* Counts of repositories may fall behind this long, and at most one part in ten
 * of the time goes into them. */
#define REPOSITORIES_MS 1000
/* What is past is looked at that often when nothing else is to do, and sooner when
 * there was some. */
#define SWEEP_MS 60000
#define SWEEP_SOON_MS 1000
/* And that often in a farm that is never idle. */
#define SWEEP_BUSY_MS 600000

struct matcher {
	struct db *db;
	uint8_t sip_key[16];
	int64_t epoch;
	int64_t repositories_at;	/* not before; zclock_mono() */
	int64_t sweep_at;
	struct sweep sweep;
};

/* Images of layers that were read again wait here once no others do. */
static int
more_images(struct matcher *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc, n = 0;

	if ((rc = DB_QUERY(x->db, sql_reapply_next, &r, d,
	    db_int(REAPPLIED))) == 0)
		n = (int)db_col_int(r, 0, 0);
	db_free(r);
	return (rc < 0 ? rc : n);
}

static int
apply_images(struct matcher *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc, n;

	if ((rc = apply_store_take(x->db, IMAGES, &r, d)) < 0)
		return (rc);
	n = (int)db_rows(r);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++)
		rc = apply_store(x->db, db_col_int(r, i, 0), x->sip_key, d);
	db_free(r);
	if (rc == 0 && n < IMAGES && (rc = more_images(x, d)) >= 0)
		n += rc;
	return (rc < 0 ? rc : n);
}

/* One transaction: ${step}, or images when it is NULL.  Returns what it does. */
static int
run(struct matcher *x, rematch_step *step, struct diag *d)
{
	int rc, n = 0;

	if ((rc = db_begin(x->db, d)) == 0 &&
	    (rc = leader_fence(x->db, x->epoch, d)) == 0 &&
	    (n = rc = step == NULL ? apply_images(x, d) : step(x->db, d)) >= 0)
		rc = db_commit(x->db, d);
	db_rollback(x->db);
	return (rc < 0 ? rc : n);
}

static int
count_repositories(struct matcher *x, struct diag *d)
{
	int64_t from = zclock_mono();
	int n;

	if (from < x->repositories_at)
		return (0);
	n = run(x, rematch_repositories, d);
	x->repositories_at = zclock_mono() + REPOSITORIES_MS +
	    10 * (zclock_mono() - from);
	return (n);
}

static int
sweep(struct matcher *x, struct diag *d)
{
	uint64_t n = 0;
	int rc;

	if (zclock_mono() < x->sweep_at)
		return (0);
	if ((rc = sweep_round(x->db, x->epoch, &x->sweep, &n, d)) ==
	    ERR_MALFORMED) {
		/* a mistake of ours must not hold the matching */
		log_error("sweep", "reason", "%s", d->text, NULL);
		rc = 0;
	}
	x->sweep_at = zclock_mono() + (n > 0 ? SWEEP_SOON_MS : SWEEP_MS);
	return (rc);
}

/* Is there anything to do?  A round without work would still write: its fence. */
static int
waiting(struct matcher *x, bool *work, bool *repositories, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(x->db, sql_matcher_waiting, &r, d)) == 0) {
		*work = db_col_bool(r, 0, 0);
		*repositories = db_col_bool(r, 0, 1);
	}
	db_free(r);
	if (rc == 0 && !*work)
		rc = verdict_circumstances_changed(x->db, work, d);
	return (rc);
}

static int
round_of(struct matcher *x, struct diag *d)
{
	static rematch_step *const steps[] = { NULL, rematch_new,
		rematch_changed, rematch_judge };
	bool work = false, repositories = false;
	int rc, n = 0;

	if ((rc = waiting(x, &work, &repositories, d)) < 0)
		return (rc);
	for (size_t i = 0; work && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((rc = run(x, steps[i], d)) == ERR_MALFORMED ||
		    rc == ERR_LIMIT) {
			/* a mistake in one step must not hold the others */
			log_error("matcher", "step", "%zu", i, "reason", "%s",
			    d->text, NULL);
			rc = 0;
		}
		if (rc < 0)
			return (rc);
		n += rc;
	}
	if (n > 0)
		wake_up(WAKE_NOTIFY);
	if (!work && !repositories)
		return (sweep(x, d));
	if ((rc = count_repositories(x, d)) == 0 &&
	    zclock_mono() - x->sweep_at > SWEEP_BUSY_MS)
		rc = sweep(x, d);
	return (rc < 0 ? rc : n);
}

/* After start and after a change of leader. */
static int
prepare(struct matcher *x, struct diag *d)
{
	struct db_result *r = NULL;
	struct str key;
	int rc;

	if ((rc = rematch_prepare(x->db, d)) < 0 ||
	    (rc = DB_QUERY(x->db, sql_setting_get, &r, d,
	    db_text(str_of("sip_key")))) < 0)
		return (rc);
	key = db_rows(r) == 1 ? db_col_bytes(r, 0, 0) : (struct str) { 0 };
	if (key.n == 16)
		memcpy(x->sip_key, key.p, 16);
	db_free(r);
	return (0);
}

void
matcher_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	struct matcher x = { 0 };
	struct diag d = { 0 };
	int rc = 0;

	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm matcher", &x.db))
		return;
	do {
		rc = 0;
		if (leader_epoch() == 0 || !db_alive(x.db)) {
			x.epoch = 0;
			continue;
		}
		if (x.epoch != leader_epoch() && (rc = prepare(&x, &d)) == 0)
			x.epoch = leader_epoch();
		if (rc == 0)
			rc = round_of(&x, &d);
		if (rc < 0) {
			log_warn("matcher", "reason", "%s", d.text, NULL);
			x.epoch = 0;
		}
	} while (actor_wait(pipe, WAKE_MATCHER, rc > 0 ? 0 : rc < 0 ? 2000 :
	    1000));
	db_close(x.db);
}

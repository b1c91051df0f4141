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

#define IMAGES 16		/* applied in one transaction */
#define PACKAGES 20000
#define ADVISORIES 1000
#define STATES 1000

struct matcher {
	struct rematch m;
	uint8_t sip_key[16];
	int64_t epoch;
};

static int
apply_images(struct matcher *x, struct diag *d)
{
	struct db *db = x->m.db;
	struct db_result *r = NULL;
	int rc, n;

	if ((rc = DB_QUERY(db, sql_images_dirty, &r, d, db_int(IMAGES))) < 0)
		return (rc);
	n = (int)db_rows(r);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++)
		rc = apply_store(db, db_col_int(r, i, 0), x->sip_key, d);
	db_free(r);
	return (rc < 0 ? rc : n);
}

/* All unmatched packages, then what has no summary or verdict yet. */
static int
match_new(struct matcher *x, struct diag *d)
{
	int rc, n = 0;

	while ((rc = rematch_packages(&x->m, PACKAGES, d)) > 0)
		n += rc;
	if (rc < 0 || (rc = rematch_new_states(&x->m, STATES, d)) < 0)
		return (rc);
	return (n + rc);
}

static int
match_advisories(struct matcher *x, struct diag *d)
{
	return (rematch_advisories(&x->m, ADVISORIES, d));
}

/* One transaction.  Returns what ${step} does. */
static int
run(struct matcher *x, int (*step)(struct matcher *, struct diag *),
    struct diag *d)
{
	int rc, n = 0;

	if ((rc = db_begin(x->m.db, d)) == 0 &&
	    (rc = leader_fence(x->m.db, x->epoch, d)) == 0 &&
	    (n = rc = step(x, d)) >= 0)
		rc = db_commit(x->m.db, d);
	db_rollback(x->m.db);
	return (rc < 0 ? rc : n);
}

static int
round_of(struct matcher *x, struct diag *d)
{
	int a, b, c;

	if ((a = run(x, apply_images, d)) < 0)
		return (a);
	if ((b = run(x, match_new, d)) < 0)
		return (b);
	if ((c = run(x, match_advisories, d)) < 0)
		return (c);
	return (a + b + c);
}

/* After start and after a change of leader: what memory must hold. */
static int
prepare(struct matcher *x, struct diag *d)
{
	struct db_result *r = NULL;
	struct str key;
	int rc;

	if ((rc = DB_QUERY(x->m.db, sql_setting_get, &r, d,
	    db_text(str_of("sip_key")))) < 0)
		return (rc);
	key = db_rows(r) == 1 ? db_col_bytes(r, 0, 0) : (struct str) { 0 };
	if (key.n == 16)
		memcpy(x->sip_key, key.p, 16);
	db_free(r);
	alias_free(x->m.classes);
	x->m.classes = NULL;
	return (rematch_load_classes(&x->m, d));
}

void
matcher_actor(zsock_t *pipe, void *arg)
{
	struct coordinator *co = arg;
	struct matcher x = { 0 };
	struct diag d = { 0 };
	int rc = 0;

	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm matcher", &x.m.db))
		return;
	do {
		rc = 0;
		if (leader_epoch() == 0 || !db_alive(x.m.db)) {
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
	alias_free(x.m.classes);
	db_close(x.m.db);
}

/*
 * Leadership.  The lock lives with the session: when the process or its
 * connection dies, PostgreSQL releases it.  A leader that stops beating for
 * STALL_S is paused or cut off: its backend is ended, which frees the lock.
 */
#include <stdatomic.h>
#include <unistd.h>
#include "actor.h"
#include "common/log.h"
#include "coordinator.h"
#include "leader.h"
#include "sql.h"

#define BEAT_MS 2000
#define STALL_S 15

static _Atomic int64_t epoch;

int64_t
leader_epoch(void)
{
	return (atomic_load(&epoch));
}

int
leader_fence(struct db *db, int64_t mine, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (mine == 0)
		return (diag_set(d, ERR_DENIED, 0, "this coordinator does not lead"));
	if ((rc = DB_QUERY(db, sql_leader_fence, &r, d, db_int(mine))) == 0 &&
	    db_rows(r) == 0)
		rc = diag_set(d, ERR_DENIED, 0, "another coordinator leads now");
	db_free(r);
	return (rc);
}

/* Try to take the lock; on success the epoch has risen durably, or is ${mine}
 * still, when nobody else has led since. */
static int
take(struct db *db, const char *holder, int64_t mine, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(db, sql_leader_try_lock, &r, d)) < 0)
		return (rc);
	if (!db_col_bool(r, 0, 0)) {
		db_free(r);
		atomic_store(&epoch, 0);
		return (db_query(db, sql_leader_end_stalled, &(struct db_param) {
		    .type = DB_INT, .i = STALL_S }, 1, NULL, d));
	}
	db_free(r);
	r = NULL;
	if ((rc = DB_QUERY(db, sql_leader_take, &r, d,
	    db_text(str_of(holder)), db_int(mine))) == 0 && db_rows(r) == 1) {
		atomic_store(&epoch, db_col_int(r, 0, 0));
		log_info("leading", "epoch", "%lld",
		    (long long)leader_epoch(), NULL);
		for (int w = 0; w < WAKE_COUNT; w++)
			wake_up(w);
	}
	db_free(r);
	return (rc);
}

/* The session is lost with ${rc}: a server that started anew lets us go on with
 * our epoch and what the workers have.  False: we do not lead.  Waiting here would
 * keep the workers from a coordinator that can lead. */
static bool
resume(const struct coordinator *co, const char *holder, int rc, struct db **db)
{
	int64_t mine = leader_epoch();
	struct diag d;

	if (mine != 0 && rc != ERR_DENIED &&
	    db_open(co->database, "scanfarm leader", db, &d) == 0 &&
	    take(*db, holder, mine, &d) == 0 && leader_epoch() != 0)
		return (true);
	atomic_store(&epoch, 0);
	db_close(*db);
	*db = NULL;
	return (false);
}

void
leader_actor(zsock_t *pipe, void *arg)
{
	const struct coordinator *co = arg;
	struct db *db = NULL;
	char host[200] = "", holder[256];
	struct db_result *r;
	struct diag d;
	int rc;

	gethostname(host, sizeof(host) - 1);
	snprintf(holder, sizeof(holder), "%s:%d", host, (int)getpid());
	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, co->database, "scanfarm leader", &db))
		return;
	do {
		r = NULL;
		if (leader_epoch() == 0)
			rc = db_alive(db) ? take(db, holder, 0, &d) : 0;
		else if ((rc = DB_QUERY(db, sql_leader_beat, &r, &d,
		    db_int(leader_epoch()))) == 0 && db_rows(r) == 0)
			rc = diag_set(&d, ERR_DENIED, 0,
			    "another coordinator leads now");
		db_free(r);
		if (rc < 0) {
			log_warn("leadership", "reason", "%s", d.text, NULL);
			/* the lock went with the session, or soon will */
			db_close(db);
			db = NULL;
			if (resume(co, holder, rc, &db))
				rc = 0;
			else if (!actor_connect(pipe, co->database,
			    "scanfarm leader", &db))
				return;
		}
	} while (actor_wait(pipe, WAKE_LEADER, rc < 0 ? 100 : BEAT_MS));
	db_close(db);
}

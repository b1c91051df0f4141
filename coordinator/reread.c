/* Which layers are read again; see reread.h. */
#include "common/log.h"
#include "common/pool.h"
#include "common/text.h"
#include "leader.h"
#include "reread.h"
#include "sql.h"

/* Layers looked at in one transaction: some 30 ms. */
#define LAYERS 500
/* Open jobs of this kind, at most: every round of dispatch passes over them. */
#define JOBS 256
/* Between two batches: a million layers are looked at within some 30 minutes. */
#define BATCH_MS 1000

static int
put(struct db *db, const struct wire_hello *h, int64_t *set, struct diag *d)
{
	struct pool *pool = pool_new(WIRE_ANALYZERS * 8 * WIRE_KIND);
	int64_t revisions[WIRE_ANALYZERS], wants[WIRE_ANALYZERS],
	    recorded[WIRE_ANALYZERS];
	struct str kinds[WIRE_ANALYZERS];
	struct db_result *r = NULL;
	size_t n = h->nanalyzers;
	int rc;

	for (size_t i = 0; i < n; i++) {
		const struct wire_analyzer *a = &h->analyzers[i];

		kinds[i] = text_clean(pool, a->kind, WIRE_KIND);
		revisions[i] = a->revision;
		wants[i] = a->wants_revision;
		recorded[i] = a->recorded;
	}
	if ((rc = DB_QUERY(db, sql_analyzers_put, &r, d, db_texts(kinds, n),
	    db_ints(revisions, n), db_ints(wants, n),
	    db_ints(recorded, n))) == 0)
		*set = db_col_int(r, 0, 0);
	db_free(r);
	pool_free(pool);
	return (rc);
}

int
reread_hello(struct db *db, int64_t epoch, const struct wire_hello *h,
    int64_t *set, int64_t *goal, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = leader_fence(db, epoch, d)) == 0 &&
	    (rc = put(db, h, set, d)) == 0 &&
	    (rc = DB_QUERY(db, sql_analyzers_raise, &r, d, db_int(*set))) == 0) {
		*goal = db_col_int(r, 0, 0);
		rc = db_commit(db, d);
	}
	db_free(r);
	db_rollback(db);
	return (rc);
}

int
reread_goal(struct db *db, int64_t *goal, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(db, sql_analyzers_goal, &r, d)) == 0)
		*goal = db_rows(r) == 1 ? db_col_int(r, 0, 0) : 0;
	db_free(r);
	return (rc);
}

int
reread_queue(struct db *db, int64_t epoch, int64_t goal, int64_t *wait_ms,
    struct diag *d)
{
	struct db_result *r = NULL;
	int64_t looked = 0, queued = 0, open = 0;
	int rc;

	if ((rc = db_begin(db, d)) == 0 &&
	    (rc = leader_fence(db, epoch, d)) == 0 &&
	    (rc = DB_QUERY(db, sql_reread_queue, &r, d, db_int(goal),
	    db_int(LAYERS), db_int(JOBS), db_int(REREAD_PRIORITY))) == 0) {
		looked = db_col_int(r, 0, 0);
		queued = db_col_int(r, 0, 1);
		open = db_col_int(r, 0, 2);
		rc = db_commit(db, d);
	}
	db_free(r);
	db_rollback(db);
	if (rc == 0 && queued > 0)
		log_info("layers are read again", "queued", "%lld",
		    (long long)queued, NULL);
	*wait_ms = looked + queued + open > 0 ? BATCH_MS : REREAD_IDLE_MS;
	return (rc);
}

/* Sweeping; see sweep.h. */
#include "common/log.h"
#include "leader.h"
#include "sql.h"
#include "sweep.h"
#include "vec.h"

/* Rows looked at in one transaction: they are held that long. */
#define ROWS 2000
/* Rows of history that go at once. */
#define HISTORY_ROWS 5000

static int
history(struct db *db, uint64_t *n, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = DB_QUERY(db, sql_sweep_history, &r, d, db_int(HISTORY_ROWS));

	if (rc == 0)
		*n += (uint64_t)db_col_int(r, 0, 0);
	db_free(r);
	return (rc);
}

/* Those that may go are held first, then looked at again: a statement sees what was
 * there when it began. */
static int
locked(struct db *db, const char *lock, const char *first, const char *then,
    int64_t *last, uint64_t *n, struct diag *d)
{
	struct db_result *r = NULL;
	struct vec ids = { 0 };
	int rc;

	if ((rc = DB_QUERY(db, lock, &r, d, db_int(*last), db_int(ROWS))) < 0)
		return (rc);
	*last = db_col_int(r, 0, 0);
	if (!db_is_null(r, 0, 1))
		vec_column(&ids, r, 1);
	db_free(r);
	r = NULL;
	if (ids.n == 0 || (first != NULL && (rc = DB_QUERY(db, first, NULL, d,
	    vec_param(&ids))) < 0) ||
	    (rc = DB_QUERY(db, then, &r, d, vec_param(&ids))) < 0)
		goto out;
	*n += (uint64_t)db_col_int(r, 0, 0);
out:
	db_free(r);
	vec_done(&ids);
	return (rc);
}

static int
ours(struct db *db, const char *sql, int64_t *last, uint64_t *n, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = DB_QUERY(db, sql, &r, d, db_int(*last), db_int(ROWS));

	if (rc == 0) {
		*last = db_col_int(r, 0, 0);
		*n += (uint64_t)db_col_int(r, 0, 1);
	}
	db_free(r);
	return (rc);
}

static int
step(struct db *db, int kind, int64_t *last, uint64_t *n, struct diag *d)
{
	if (kind == SWEEP_IMAGES)
		return (locked(db, sql_sweep_images_lock, sql_sweep_presence,
		    sql_sweep_images, last, n, d));
	if (kind == SWEEP_LAYERS)
		return (locked(db, sql_sweep_layers_lock, NULL,
		    sql_sweep_layers, last, n, d));
	if (kind == SWEEP_STATES)
		return (ours(db, sql_sweep_states, last, n, d));
	if (kind == SWEEP_SETS)
		return (ours(db, sql_sweep_sets, last, n, d));
	return (ours(db, sql_sweep_packages, last, n, d));
}

int
sweep_round(struct db *db, int64_t epoch, struct sweep *s, uint64_t *ret,
    struct diag *d)
{
	uint64_t n = 0;
	int rc = 0;

	for (int kind = -1; rc == 0 && kind < SWEEP_KINDS; kind++) {
		uint64_t gone = 0;
		int64_t last = kind >= 0 ? s->last[kind] : 0;

		if ((rc = db_begin(db, d)) == 0 &&
		    (rc = leader_fence(db, epoch, d)) == 0 &&
		    (rc = kind < 0 ? history(db, &gone, d) :
		    step(db, kind, &last, &gone, d)) == 0 &&
		    (rc = db_commit(db, d)) == 0) {
			n += gone;
			if (kind >= 0)
				s->last[kind] = last;
		}
		db_rollback(db);
	}
	if (n > 0)
		log_info("swept", "rows", "%llu", (unsigned long long)n, NULL);
	*ret = n;
	return (rc);
}

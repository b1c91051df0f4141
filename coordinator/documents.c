/* Stored advisories; see documents.h. */
#include "common/limits.h"
#include "common/log.h"
#include "common/pool.h"
#include "documents.h"
#include "sql.h"

/* Documents read at once; one may be larger. */
#define PAGE_BYTES (16 * MIB)

void
documents_init(struct documents *x, struct db *db, const struct vec *ids)
{
	*x = (struct documents) { .db = db, .ids = ids };
}

void
documents_done(struct documents *x)
{
	db_free(x->page);
	pool_free(x->pool);
	*x = (struct documents) { 0 };
}

static int
next_page(struct documents *x, struct diag *d)
{
	db_free(x->page);
	x->page = NULL;
	x->row = 0;
	if (x->ids->n == 0 || x->ids->v[x->ids->n - 1] <= x->last)
		return (0);
	return (DB_QUERY(x->db, sql_advisory_documents, &x->page, d,
	    vec_param(x->ids), db_int(x->last), db_int(PAGE_BYTES)));
}

int
documents_next(struct documents *x, struct document *ret,
    struct advisory *a, struct diag *d)
{
	struct diag why = { 0 };
	struct cur c;
	int rc;

	if ((x->page == NULL || x->row == db_rows(x->page)) &&
	    (rc = next_page(x, d)) < 0)
		return (rc);
	if (x->page == NULL || db_rows(x->page) == 0)
		return (0);
	*ret = (struct document) { .id = db_col_int(x->page, x->row, 0),
		.name = db_col(x->page, x->row, 1),
		.record = db_col_bytes(x->page, x->row, 2),
		.gone = db_col_bool(x->page, x->row, 3),
		.superseded = db_col_bool(x->page, x->row, 4),
		.feed = db_col(x->page, x->row, 5) };
	x->last = ret->id;
	x->row++;
	pool_free(x->pool);
	x->pool = pool_new(LIMIT_ADVISORY_POOL);
	c = cur_str(ret->record);
	if (advisory_read(&c, x->pool, a, &why) < 0) {
		log_error("a stored advisory cannot be read", "advisory",
		    "%lld", (long long)ret->id, "reason", "%s", why.text, NULL);
		ret->unreadable = true;
		*a = (struct advisory) { .id = ret->name };
	}
	return (1);
}

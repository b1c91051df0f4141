/* See feed_freeze.h.  Debian's tracker drops a release at its end, and with it what
 * was never fixed there. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/alias.h"
#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/namespace.h"
#include "feed_freeze.h"
#include "feed_import.h"
#include "sql.h"

#define BATCH 500

/* Leave in ${a} what it says of ${namespace}, under another id. */
static int
cut(struct advisory *a, struct str namespace, struct pool *pool)
{
	char room[NAMESPACE_TEXT], *id;
	size_t n = 0, size = a->id.n + 1 + namespace.n;
	struct str *upstream = pool_alloc(pool, sizeof(*upstream));

	if (upstream == NULL || (id = pool_alloc(pool, size + 1)) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < a->naffected; i++)
		if (str_eq(namespace_spoken_of(a->affected[i].ecosystem, room),
		    namespace))
			a->affected[n++] = a->affected[i];
	a->naffected = n;
	/* its id told what it is about */
	if (a->nupstream == 0 && !alias_is_bundle(a->id)) {
		*upstream = a->id;
		a->upstream = upstream;
		a->nupstream = 1;
	}
	snprintf(id, size + 1, "%.*s@%.*s", STR_ARG(a->id), STR_ARG(namespace));
	a->id = str_n(id, size);
	return (0);
}

/* One stored document; one that cannot be read or kept is left out. */
static int
freeze(struct feed_store *s, struct str record, struct str namespace,
    struct diag *d)
{
	struct pool *pool = pool_new(2 * LIMIT_ADVISORY_POOL);
	struct cur c = cur_str(record);
	struct advisory a;
	struct buf b;
	int rc = 0;

	buf_init(&b, 2 * LIMIT_ADVISORY_BYTES);
	if (advisory_read(&c, pool, &a, d) == 0 && cut(&a, namespace, pool) == 0 &&
	    a.id.n <= LIMIT_ADVISORY_ID && advisory_write(&b, &a) == 0)
		rc = feed_store_add(s, buf_view(&b), d);
	buf_done(&b);
	pool_free(pool);
	return (rc);
}

/* All of them into ${name}, which is made for the first one. */
static int
freeze_all(struct db *db, struct db *before, struct feed_store *s,
    const char *name, const char *feed, struct str namespace, struct diag *d)
{
	bool begun = false;
	struct db_result *r = NULL;
	int64_t behind = 0;
	size_t n = BATCH;
	int rc = 0;

	while (rc == 0 && n == BATCH) {
		if ((rc = DB_QUERY(before, sql_feed_freeze, &r, d,
		    db_text(str_of(feed)), db_text(namespace), db_int(behind),
		    db_int(BATCH))) < 0)
			break;
		n = db_rows(r);
		if (n > 0 && !begun)
			rc = feed_store_begin(db, name, d);
		begun |= n > 0;
		for (size_t i = 0; rc == 0 && i < n; i++) {
			behind = db_col_int(r, i, 0);
			rc = freeze(s, db_col_bytes(r, i, 1), namespace, d);
		}
		db_free(r);
		r = NULL;
	}
	if (rc == 0 && begun && (rc = feed_store_flush(s, d)) == 0)
		rc = feed_store_end(s, true, d);
	return (rc);
}

int
feed_freeze(struct db *db, const char *conninfo, const char *feed,
    struct str namespace, struct diag *d)
{
	char *name = mem_printf(FEED_FROZEN "%s %.*s", feed,
	    STR_ARG(namespace));
	struct feed_result result = { .whole = true };
	struct feed_store *s = feed_store_new(db, name, &result);
	struct db *before = NULL;
	int rc;

	if ((rc = db_open(conninfo, "scanfarm feed", &before, d)) == 0)
		rc = freeze_all(db, before, s, name, feed, namespace, d);
	db_close(before);
	feed_store_free(s);
	feed_result_done(&result);
	free(name);
	return (rc);
}

int
feed_thaw(struct db *db, const char *feed, struct diag *d)
{
	return (DB_QUERY(db, sql_feed_thaw, NULL, d, db_text(str_of(feed))));
}

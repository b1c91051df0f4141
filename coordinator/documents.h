/* Stored advisories, read piece by piece: as many as fit in bounded memory. */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H

#include "common/advisory.h"
#include "vec.h"

struct documents {
	struct db *db;
	const struct vec *ids;	/* sorted, each once; borrowed */
	struct db_result *page;
	size_t row;		/* in the page */
	int64_t last;		/* id */
	struct pool *pool;	/* of the document */
};

struct document {
	int64_t id;
	struct str name;	/* as stored */
	struct str record;	/* advisory_write() of it */
	bool gone;		/* absent from the last whole import */
	bool superseded;	/* another copy is newer */
	struct str feed;
	bool unreadable;	/* the record is none: it says nothing */
};

void documents_init(struct documents *, struct db *, const struct vec *ids);
void documents_done(struct documents *);
/**
 * documents_next(x, ret, a, d):
 * The next document, in the order of ids: *${ret} and *${a}, decoded; both live
 * until the next call.  One that cannot be decoded is logged and comes as an
 * advisory that has a name and says nothing: it must not stop the others.  Return
 * 1, 0 at the end, or a negative enum err.
 */
int documents_next(struct documents *, struct document *ret,
    struct advisory *a, struct diag *);

#endif

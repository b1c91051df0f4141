/*
 * rpm's ndb database (Packages.db): slots that name blobs, each blob with an
 * Adler-32.  Followed: rpm's lib/backend/ndb.  Nothing is copied.
 */
#ifndef NDB_H
#define NDB_H

#include "common/cur.h"

struct ndb {
	struct str file;
	struct cur slots;	/* not visited yet */
	size_t left;		/* bytes that blobs may still take: they do not
				   overlap */
};

/* Does ${head} begin like one? */
bool ndb_looks(struct str head);
/* Open ${file}, which must outlive ${ret}.  0, ERR_MALFORMED, ERR_UNSUPPORTED. */
MUST_CHECK int ndb_open(struct str file, struct ndb *ret, struct diag *);
/* The next blob: 1, 0 at the end, or ERR_MALFORMED: one could not be read, go
 * on with the next call. */
MUST_CHECK int ndb_next(struct ndb *, struct str *ret, struct diag *);

#endif

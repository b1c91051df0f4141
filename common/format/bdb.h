/*
 * Berkeley DB hash files as rpm wrote them (Packages), of either byte order,
 * read only: every pair of every hash page.  Followed: Berkeley DB's page
 * layout, hash versions 8 to 10.
 */
#ifndef BDB_H
#define BDB_H

#include "common/buf.h"
#include "common/cur.h"

struct bdb {
	struct str file;
	bool big;		/* byte order of the writer */
	uint32_t page_bytes;
	uint32_t last;		/* last page */
	uint32_t at;		/* page that is being read */
	uint32_t item, nitems;	/* next item on it */
	bool cut;		/* pages are missing, and were told */
	uint8_t *seen;		/* a bit for each page of a chain that was read:
				   chains share nothing */
	struct buf value;
};

/* Does ${head} (24 bytes suffice) begin like one? */
bool bdb_looks(struct str head);
/* Open ${file}, which must outlive ${ret}; close it whatever comes.  0,
 * ERR_MALFORMED or ERR_UNSUPPORTED. */
MUST_CHECK int bdb_open(struct str file, struct bdb *ret, struct diag *);
void bdb_close(struct bdb *);
/* The next pair, valid until the next call: 1, 0 at the end, or ERR_MALFORMED
 * or ERR_UNSUPPORTED: one could not be read, go on with the next call. */
MUST_CHECK int bdb_next(struct bdb *, struct str *key, struct str *value,
    struct diag *);

#endif

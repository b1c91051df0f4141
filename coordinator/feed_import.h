/* Advisories from an upload into the database. */
#ifndef FEED_IMPORT_H
#define FEED_IMPORT_H

#include "coordinator.h"
#include "db.h"

#define FEED_NAMES 100

struct feed_result {
	uint64_t documents, changed, unmatched, malformed;
	char *names[FEED_NAMES];	/* of malformed ones, with the reason */
	size_t nnames;
};
void feed_result_done(struct feed_result *);

/**
 * feed_import_fd(db, co, feed, fd, ret, d):
 * Import the zip or document ${fd} as feed ${feed} ("osv/Debian"): read it in a
 * sandboxed reader, store what changed with its ranges, note the feed.  One
 * transaction: all of it or nothing.  Malformed documents are counted and named.
 * ERR_MALFORMED or ERR_LIMIT when the file as a whole is broken.
 */
int feed_import_fd(struct db *, struct coordinator *, const char *feed, int fd,
    struct feed_result *ret, struct diag *);

#endif

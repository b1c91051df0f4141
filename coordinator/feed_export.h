/*
 * The farm's advisories as a file for farms without a way to the sources, and
 * such a file into rows.  What the file is: coordinator/matcher/export.h.
 */
#ifndef FEED_EXPORT_H
#define FEED_EXPORT_H

#include "common/minisign.h"
#include "coordinator.h"
#include "db.h"
#include "feed_import.h"

/**
 * feed_export_fd(db, since, fd, d):
 * Write all advisories into ${fd}, or, where ${since} is not negative, what
 * changed since that revision, documents that went included.  One moment of the
 * farm; memory does not grow with it.  Return 0, ERR_USAGE (the farm has not
 * come to that revision yet) or ERR_TEMPORARY.
 */
int feed_export_fd(struct db *, int64_t since, int fd, struct diag *);

struct feed_mirror_options {
	struct str signature;		/* text of the .minisig; "" = none */
	struct str trust;		/* text of the one key trusted; "" = see below */
	bool unsigned_ok;		/* no signature is wanted */
	bool accept_missing, accept_older;
};

struct feed_mirror_result {
	char farm[40];			/* whose export it is, its uuid */
	uint64_t revision, since;
	bool delta, same;		/* same: all of it was here already */
	char key[MINISIGN_ID_TEXT];	/* that signed it; "" = none */
	char trusted[512];		/* its trusted comment, escaped */
	size_t n;
	char **names;			/* of feeds */
	struct feed_result *feeds;
};
void feed_mirror_result_done(struct feed_mirror_result *);

/**
 * feed_mirror_fd(db, co, fd, options, ret, d):
 * Make the farm's feeds what they are in the export ${fd}: byte for byte, and as
 * old.  Feeds that it does not name stay as they are.  One transaction: all of
 * it or nothing.
 *
 * The signature is verified first.  Keys DATA/trust/NAME.pub are the farm's
 * policy: where there is one, only they count, and a signature is wanted; an
 * option's key counts beside them only if it is one of them.
 *
 * Return 0, ERR_DENIED (not signed, or not by a key that is trusted), ERR_USAGE
 * (older than what is here; a delta that stands on another revision or state; too
 * much that would be withdrawn), ERR_MALFORMED, ERR_UNSUPPORTED, ERR_LIMIT or
 * ERR_TEMPORARY, with a text that says what to do.
 */
int feed_mirror_fd(struct db *, struct coordinator *, int fd,
    const struct feed_mirror_options *, struct feed_mirror_result *ret,
    struct diag *);

#endif

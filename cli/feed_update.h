/* `scanfarm feed update`: what changed at the sources, into the farm. */
#ifndef FEED_UPDATE_H
#define FEED_UPDATE_H

#include "cli/farm.h"

struct feed_update {
	struct farm *farm;
	const char *from;	/* another server than the sources' own; or NULL */
	bool insecure, accept_missing;
	/* Import ${fd} as ${feed}; ${more} are arguments of the request, "" or
	 * "&KEY=VALUE..." with values quoted. */
	int (*import)(void *arg, const char *feed, int fd, const char *more,
	    struct diag *);
	/* The source has what the farm has: so many documents. */
	void (*unchanged)(void *arg, const char *feed, int64_t documents);
	/* So many documents went, as the source says. */
	void (*gone)(void *arg, const char *feed, int64_t documents);
	void *arg;
};

/**
 * feed_update(u, names, n, d):
 * Update the named feeds ("kev", "secdb/wolfi"; a name without a slash that is no
 * feed is an ecosystem of OSV's), with ${n} 0 all that the farm has and whose source
 * is known.  One that fails is told and does not stop the others; the last failure
 * is returned.  Where a feed stands is the farm's to know, not ours: what was
 * interrupted is found out again and costs no document.
 */
int feed_update(const struct feed_update *, char **names, int n, struct diag *);

#endif

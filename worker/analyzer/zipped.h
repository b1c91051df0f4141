/* Packages that lie in the image as zips: eggs, wheels, Yarn's cache. */
#ifndef ZIPPED_H
#define ZIPPED_H

#include "common/err.h"

struct zipped {
	/* Is the member of this name wanted? */
	bool (*wants)(struct str path);
	/* Its content, valid for the call. */
	int (*member)(void *arg, struct str path, struct str content,
	    struct diag *);
	void *arg;
	size_t max;		/* bytes of one member */
};

/**
 * zipped_read(content, z, d):
 * Give each wanted member of the zip ${content} to ${z}->member.  What is no
 * zip at all has none.  0, what member() returned, ERR_MALFORMED,
 * ERR_UNSUPPORTED, or ERR_LIMIT (a member above ${z}->max, or all of them above
 * LIMIT_ZIPPED_BYTES: entries may share their bytes).
 */
MUST_CHECK int zipped_read(struct str content, const struct zipped *z,
    struct diag *d);

#endif

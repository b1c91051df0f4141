/* Hashes of paths, at most a million, that can be asked for while more come. */
#ifndef PATH_SET_H
#define PATH_SET_H

#include "common/err.h"

struct path_set {
	uint64_t *slot;		/* open addressing, 0 = free */
	size_t n, nslot;
};

/* Zeroed it is an empty one. */
void path_set_done(struct path_set *);
/* 1 when it is new, 0 when it was there, or ERR_LIMIT. */
MUST_CHECK int path_set_add(struct path_set *, uint64_t hash);
bool path_set_has(const struct path_set *, uint64_t hash);

#endif

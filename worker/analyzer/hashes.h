/* A growing set of 64-bit path hashes: 8 bytes each and nothing else. */
#ifndef HASHES_H
#define HASHES_H

#include "common/err.h"

struct hashes {
	uint64_t *v;
	size_t n, cap, max;
	size_t duplicates;	/* dropped by hashes_sort */
};

void hashes_init(struct hashes *, size_t max);	/* at most ${max} hashes */
void hashes_done(struct hashes *);
MUST_CHECK int hashes_add(struct hashes *, uint64_t);	/* 0 or ERR_LIMIT */
/* Ascending, without duplicates, in place. */
void hashes_sort(struct hashes *);
/* Index of ${x} in a sorted set, or its n when absent. */
size_t hashes_find(const struct hashes *, uint64_t x);

#endif

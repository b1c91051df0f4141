/* Hashes that can be asked for while more come.  Keyed ones: whoever can choose
 * what collides can make it slow. */
#ifndef HASH_SET_H
#define HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_set {
	uint64_t *slot;		/* open addressing, 0 = free */
	size_t n, nslot;
};

/* Zeroed it is an empty one. */
void hash_set_done(struct hash_set *);
/* True when it is new. */
bool hash_set_add(struct hash_set *, uint64_t hash);
bool hash_set_has(const struct hash_set *, uint64_t hash);

#endif

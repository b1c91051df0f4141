/* SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012): path
 * hashes that the maker of an image cannot choose. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stdint.h>
#include "str.h"

#define SIPHASH_KEY 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY], struct str);

/*
 * The same in pieces: what was added since the beginning has a hash at any time,
 * so that all folders above a path cost no more than the path.
 */
struct siphash {
	uint64_t v0, v1, v2, v3;
	uint64_t tail;		/* bytes that fill no word yet */
	size_t n;		/* all bytes */
};
void siphash_begin(struct siphash *, const uint8_t key[SIPHASH_KEY]);
void siphash_add(struct siphash *, struct str);
uint64_t siphash_end(const struct siphash *);	/* more may be added */

#endif

/*
 * What package databases list as the content of their files, and what that is: by
 * these the layer tells which file something else was put in the place of.  Of a
 * digest the first eight bytes count, and nobody asks of which kind it is.
 */
#ifndef SUMS_H
#define SUMS_H

#include "common/str.h"

/* Of one content: the beginnings of its SHA-256, SHA-1 and MD5. */
#define SUMS_BYTES 24

struct sums;

struct sums *sums_new(void);
void sums_add(struct sums *, struct str piece);
/* Of all that was added; ends ${sums}. */
void sums_end(struct sums *, uint8_t ret[SUMS_BYTES]);
/* All at once. */
void sums_of(struct str content, uint8_t ret[SUMS_BYTES]);

/* Zeroed it is an empty list; not to be changed by others. */
struct listed_sums {
	struct listed_sum *v;
	size_t n;
	bool sorted;
};

void listed_done(struct listed_sums *);
/**
 * listed_add(l, hash, digest):
 * A package lists the file whose path has this hash, with ${digest} as databases
 * write it: hex digits of MD5, SHA-1 or SHA-256, or apk's "Q1" and base64.  Of
 * any other text, or one of nothing but zeros, the content is not known.  Above
 * LIMIT_LISTED_SUMS nothing is kept.
 */
void listed_add(struct listed_sums *, uint64_t hash, struct str digest);
/* Is that file listed, and never with this content?  Not before all were added. */
bool listed_differs(struct listed_sums *, uint64_t hash,
    const uint8_t sums[SUMS_BYTES]);

#endif

/*
 * What the slices of a universal executable say: mostly the same, built for one
 * processor after the other, and then it is told once.
 */
#ifndef SLICES_H
#define SLICES_H

#include "common/digest.h"
#include "common/format/fat.h"

/* All zeros before the first slice. */
struct slices {
	uint8_t told[FAT_SLICES][DIGEST_BYTES];
	size_t n;
	int error;		/* of the first slice that had one */
	struct diag why;
};

/* Did an earlier slice say ${what}, too?  What is new is remembered. */
bool slices_told(struct slices *, struct str what);
/* Keep ${rc} when it is the first error; ${d} says why. */
void slices_error(struct slices *, int rc, const struct diag *d);
/* What all of it came to, the reading of ${f} too. */
int slices_end(const struct slices *, const struct fat *f, struct diag *d);

#endif

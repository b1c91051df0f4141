/*
 * CVSS scores from vectors.  Sources: FIRST's specifications 2.0, 3.0, 3.1 and
 * 4.0; rounding of 3.0 by the rule of 3.1, which avoids float noise.
 */
#ifndef CVSS_H
#define CVSS_H

#include "advisory.h"

/**
 * cvss_base(vector, ret, d):
 * Set *${ret} to the base score of ${vector} in tenths (0..100).  Temporal and
 * environmental metrics of 2 and 3 are checked and do not count; those of 4.0
 * count where they are stated, as its publishers' own scores do.  Return 0,
 * ERR_MALFORMED (an unknown, repeated or missing metric) or ERR_UNSUPPORTED
 * (another version).
 */
int cvss_base(struct str vector, int *ret, struct diag *);
/* The rating of that score by its version's own scale, of which 2.0 ends in
 * high; 0 (CVSS: None) is negligible. */
enum severity cvss_severity(struct str vector, int tenths);

#endif

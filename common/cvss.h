/*
 * CVSS base scores from vectors.  Source: FIRST's specifications 3.0 and 3.1;
 * rounding by the rule of 3.1 for both, which avoids float noise.
 */
#ifndef CVSS_H
#define CVSS_H

#include "advisory.h"

/**
 * cvss_base(vector, ret, d):
 * Set *${ret} to the base score of ${vector} in tenths (0..100).  Temporal and
 * environmental metrics are checked and do not count.  Return 0, ERR_MALFORMED
 * (an unknown, repeated or missing metric) or ERR_UNSUPPORTED (CVSS 2 and 4).
 */
int cvss_base(struct str vector, int *ret, struct diag *);
/* The rating of a base score in tenths; 0 (CVSS: None) is negligible. */
enum severity cvss_severity(int tenths);

#endif

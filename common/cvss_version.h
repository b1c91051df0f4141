/* Between cvss.c and the files of the single versions: base scores in tenths of
 * the metrics behind a vector's prefix.  Return as cvss_base(). */
#ifndef CVSS_VERSION_H
#define CVSS_VERSION_H

#include "err.h"

int cvss2_base(struct str metrics, int *ret, struct diag *);
int cvss4_base(struct str metrics, int *ret, struct diag *);

#endif

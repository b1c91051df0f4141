/* The name of a source package, as rpm writes it: NAME-VERSION-RELEASE.src.rpm */
#ifndef RPM_SOURCE_H
#define RPM_SOURCE_H

#include "common/str.h"

/* Split ${s} into name and version-release, from the right; it has no epoch.
 * Both are empty when it has another form. */
void rpm_source(struct str s, struct str *name, struct str *version);

#endif

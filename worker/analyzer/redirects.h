/* A layer's symbolic links at or above the places where package databases are
 * looked for: /var/lib/rpm -> ../../usr/lib/sysimage/rpm. */
#ifndef REDIRECTS_H
#define REDIRECTS_H

#include "records.h"

/**
 * redirects_each(links, found, arg):
 * Call ${found} for each file or folder that one of ${links} (records of path and
 * target, as it is written) may put where a database is looked for, and for the
 * log beside it: ${place} is the database's known path, ${path} where the link
 * leads, borrowed for the call.  Nothing says that ${path} exists.  Ends when
 * ${found} returns false.
 */
void redirects_each(const struct records *links,
    bool (*found)(void *arg, struct str place, struct str path), void *arg);

#endif

/* A layer's symbolic links at or above the places where package databases are
 * looked for: /var/lib/rpm -> ../../usr/lib/sysimage/rpm. */
#ifndef REDIRECTS_H
#define REDIRECTS_H

#include "records.h"

/**
 * redirects_each(links, sip_key, found, arg):
 * Call ${found} for each file or folder that ${links} (records of path and target,
 * as it is written, found by hashes with ${sip_key}) may put where a database or
 * os-release is looked for, and for the log beside it: ${place} is the known path,
 * ${path} where the links lead, borrowed for the call.  Nothing says that ${path}
 * exists.  Ends when ${found} returns false.
 */
void redirects_each(const struct records *links, const uint8_t sip_key[16],
    bool (*found)(void *arg, struct str place, struct str path), void *arg);

/**
 * redirects_of_languages(links, sip_key, found, arg):
 * The same for each of ${links} that is called like a folder in which languages keep
 * what they installed (.../specifications of gems, .../vendor/composer): ${place} is
 * the link.  0, or ERR_LIMIT behind the hundredth.
 */
MUST_CHECK int redirects_of_languages(const struct records *links,
    const uint8_t sip_key[16], bool (*found)(void *arg, struct str place,
    struct str path), void *arg);

#endif

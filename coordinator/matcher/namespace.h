/* From a distribution and a package type to OSV's ecosystem string. */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "common/str.h"

#define NAMESPACE_TEXT 128

/**
 * namespace_of(os_id, os_version, type, out):
 * Write the OSV ecosystem ("Debian:12", "Ubuntu:22.04:LTS", "Alpine:v3.20",
 * "Wolfi", "PyPI", ...) in which packages of purl type ${type} on that
 * distribution are looked up, or "" when none is known, NUL-terminated.
 * ${os_id} and ${os_version} are os-release's ID and VERSION_ID; they do not
 * matter for language packages.  Return its length.
 */
size_t namespace_of(struct str os_id, struct str os_version, struct str type,
    char out[NAMESPACE_TEXT]);

#endif

/* From a distribution and a package type to OSV's ecosystem string. */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "common/str.h"

#define NAMESPACE_TEXT 128

struct distribution;

/**
 * namespace_of(os, type, out):
 * Write the OSV ecosystem ("Debian:12", "Ubuntu:22.04:LTS", "Alpine:v3.20",
 * "Wolfi", "PyPI", ...) in which packages of purl type ${type} on that
 * distribution are looked up, or "" when none is known, NUL-terminated.  Where
 * OSV has no name for a distribution it is one in the same style ("Amazon
 * Linux:2023"), so that a missing feed can be told by name.  ${os} does not
 * matter for language packages.  Return its length.
 */
size_t namespace_of(const struct distribution *os, struct str type,
    char out[NAMESPACE_TEXT]);

/* Is it settled whether packages of purl type ${type} are an operating system's?  Must
 * be so of whatever an analyzer gives. */
bool namespace_knows_type(struct str type);

/* Is it a release of a distribution, one that comes to its end ("Debian:12")?  Not what
 * goes on for ever: ecosystems of languages, rolling distributions, Alpine's edge. */
bool namespace_is_release(struct str namespace);

/**
 * namespace_spoken_of(ecosystem, out):
 * The namespace of the packages that an entry about ${ecosystem} speaks of:
 * itself, but for the channels of Ubuntu (ubuntu.h) and the modules of SLES, which
 * speak of the release, and for repositories of one ecosystem beside another
 * ("Packagist:https://packages.drupal.org/8").
 * The text is ${ecosystem}'s or ${out}.
 */
struct str namespace_spoken_of(struct str ecosystem, char out[NAMESPACE_TEXT]);

#endif

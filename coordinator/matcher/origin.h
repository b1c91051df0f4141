/*
 * Does the distribution answer for an OS package, or somebody else (docker-ce,
 * nginx.org, a company's own rpm)?  A third party's package shares names with a
 * distribution's without sharing its fixes.
 */
#ifndef ORIGIN_H
#define ORIGIN_H

#include "common/inventory.h"

/**
 * origin_is_distribution(os_id, p):
 * rpm: by VENDOR, where the distribution writes one.  deb: by marks that third
 * parties leave in versions and maintainers, since Debian's own maintainers are
 * anybody.  Others, and packages of an unknown distribution: yes.
 */
bool origin_is_distribution(struct str os_id, const struct package *p);

/**
 * origin_lists_unfixed(os_id):
 * Does the distribution's advisory data also list what it has not fixed?  Then
 * it decides for language packages it ships; else (Alpine, Amazon) silence of
 * the data means nothing and the language's own advisories count, too.
 */
bool origin_lists_unfixed(struct str os_id);

#endif

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
 * origin_is_surely(os_id, p):
 * Does something say that the distribution answers for ${p}, and not only nothing
 * that somebody else does?  deb and pacman: the maintainer, where one is stated,
 * writes as one of its developers.  rpm: a vendor is stated, but for Amazon's.
 * Others as above.  In between, as a company's own deb or rpm is, what ${p} brings
 * along is judged by the advisories of its ecosystem, and ${p} itself by the
 * distribution's: rather one finding too many.
 */
bool origin_is_surely(struct str os_id, const struct package *p);

/**
 * origin_class(type, name, source):
 * "header" of packages that hold nothing that runs, though their source has all of a
 * kernel's or library's vulnerabilities: headers and sources of kernels, symbols
 * for debuggers.  "kernel_tool" of programs that are built from a kernel's source
 * and share hardly any of its vulnerabilities (perf, bpftool).  NULL of all others;
 * a kernel itself is one, since an image may be what a machine boots.
 */
const char *origin_class(struct str type, struct str name, struct str source);

/**
 * origin_lists_unfixed(os_id):
 * Does the distribution's advisory data also list what it has not fixed?  Then
 * it decides for language packages it ships; else (Alpine, Amazon) silence of
 * the data means nothing and the language's own advisories count, too.
 */
bool origin_lists_unfixed(struct str os_id);

#endif

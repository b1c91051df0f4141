/*
 * Which advisories are about the same vulnerability.  `aliases` are symmetric
 * and transitive, and make classes; `upstream` points from a vendor's advisory
 * to the vulnerabilities it is about.  Advisories of distributions bundle many
 * CVEs and older ones list them as aliases, which would glue unrelated CVEs
 * together: they join no class and are expanded instead.  Any other with several
 * CVEs is about each of them, too.
 */
#ifndef ALIAS_H
#define ALIAS_H

#include "common/advisory.h"
#include "common/pool.h"

struct alias_classes;

struct alias_classes *alias_new(size_t max);	/* ceiling of its memory */
void alias_free(struct alias_classes *);

/* Is ${id} one of a distribution's advisories (DSA-, USN-, RHSA-, ...)? */
bool alias_is_bundle(struct str id);

/* Learn that ${id} and its aliases are one.  Texts are copied.  0 or ERR_LIMIT. */
int alias_add(struct alias_classes *, struct str id, const struct str *aliases,
    size_t n);
/**
 * alias_names(c, id, pool, ret, n):
 * By which names what ${id} is about is known, *${n} of them, at least one: the CVE
 * of its class when that has exactly one, the smallest id when it has none.  A class
 * of several CVEs was glued together by mistake, or by a document about several:
 * ${id} is then about the CVEs that it is linked with itself; where it is with
 * none, about those of the ids it is linked with; else, and of more than
 * LIMIT_ALIAS_LINKS, it stands alone.  A CVE is its own name.  Sorted, texts in
 * ${pool}.  Return 0 or ERR_LIMIT.
 */
int alias_names(struct alias_classes *, struct str id, struct pool *,
    struct str **ret, size_t *n);

/**
 * alias_vulnerabilities(c, a, pool, ret, n):
 * The names of what ${a} is about, sorted and distinct, at least one:
 * those of its upstream; else, of a distribution's, the CVEs among its aliases
 * or related; else its own.  Only id, aliases, upstream and related are looked
 * at.  Return 0 or ERR_LIMIT.
 */
int alias_vulnerabilities(struct alias_classes *, const struct advisory *a,
    struct pool *, struct str **ret, size_t *n);

#endif

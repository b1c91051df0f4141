/*
 * Package URLs: pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH.  Followed:
 * purl-spec, PURL-SPECIFICATION.rst, "How to parse a purl".
 */
#ifndef PURL_H
#define PURL_H

#include "inventory.h"

/* Parts with their percent encoding undone, "" where there is none. */
struct purl {
	struct str type;	/* lower case */
	struct str space;	/* namespace, slashes kept */
	struct str name;
	struct str version;
	struct str qualifiers;	/* KEY=VALUE&..., still encoded */
};

/**
 * purl_read(s, pool, ret):
 * Take ${s} apart, copying into ${pool}.  0, ERR_MALFORMED when it is no
 * package URL with type and name, or ERR_LIMIT when the pool is full.
 */
MUST_CHECK int purl_read(struct str s, struct pool *, struct purl *ret);
/* The decoded value of a qualifier; "" when absent or the pool is full. */
struct str purl_qualifier(const struct purl *, const char *key, struct pool *);
/* ${s} in the pool, %XX replaced; a '%' that begins none stays.  0 or ERR_LIMIT. */
MUST_CHECK int purl_decode(struct str s, struct pool *, struct str *ret);

/**
 * purl_write(b, p, os_id, os_version):
 * Append the package URL of ${p}: an OS package in the namespace ${os_id} with
 * `arch`, `distro` ("debian-12"), `epoch` (rpm) and `upstream` (its source, where
 * that is called otherwise), any other by the parts of its name.  purl_read() and
 * the readers of bills of material take it apart again.  Return 0 or ERR_LIMIT.
 */
int purl_write(struct buf *b, const struct package *p, struct str os_id,
    struct str os_version);

#endif

/*
 * What advisories are about, in rows: the names that documents depend on
 * (advisory_name), the classes that aliases make of them, and the links to
 * vulnerabilities that follow.  A late alias changes what other documents are
 * about: the whole class is looked at, however long the chain.
 */
#ifndef LINKS_H
#define LINKS_H

#include "common/advisory.h"
#include "coordinator/matcher/alias.h"
#include "vec.h"

/* What links_refresh() changed. */
struct links {
	struct vec vulnerabilities;	/* whose findings may be others now */
	struct vec advisories;	/* about something else than before: packages may
				   have met a new one already */
	struct vec from, to;	/* vulnerabilities: merged, one after the other */
};
void links_done(struct links *);

/**
 * links_refresh(db, ids, ret, d):
 * Bring names and links of the advisories ${ids} (sorted), and of all others
 * whose class they change, in line with their documents.  Merges are noted.
 */
int links_refresh(struct db *, const struct vec *ids, struct links *ret,
    struct diag *);

/* The names a document depends on, as stored: its texts cleaned, in ${pool}.
 * ${about} gets id, aliases, upstream and related only. */
int links_names(const struct advisory *, struct pool *, struct advisory *about);
/* Does it say that its aliases are one with it?  Not what is withdrawn, gone
 * or a bundle of many. */
bool links_counts(const struct advisory *about, bool gone);

#endif

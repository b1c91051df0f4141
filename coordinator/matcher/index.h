/*
 * The offline matcher: packages are put in first, then advisories are streamed
 * past them; what applies is kept.  Asks match_decide(), as the farm does.
 */
#ifndef MATCHER_INDEX_H
#define MATCHER_INDEX_H

#include "alias.h"
#include "feed.h"
#include "match.h"

struct index;

/* An advisory document that says something of a package. */
struct index_hit {
	size_t package;		/* as index_package() numbered it */
	struct str advisory;	/* id of the document */
	struct match_result result;	/* texts live as long as the index */
	struct str *vulnerabilities;	/* what it is about, see alias.h */
	size_t nvulnerabilities;
};

/* Where packages look for advisories, and whether there are any. */
struct index_namespace {
	struct str name;	/* "Debian:12"; "" = of no known ecosystem */
	struct str type;	/* purl type of its packages */
	size_t packages;
	bool ordered;		/* we know the order of its versions */
	bool has_feed;		/* an advisory that covers it named it, not only
				   to deny */
};

/* ${max}: ceiling of all memory taken by packages, ids and hits. */
struct index *index_new(size_t max);
void index_free(struct index *);

/**
 * index_package(x, p, ret, d):
 * Add ${p}, its texts copied; *${ret} is its number (0, 1, ...).  Not after the
 * first advisory.  Return 0 or ERR_LIMIT.
 */
int index_package(struct index *, const struct match_package *p, size_t *ret,
    struct diag *);
const struct match_package *index_package_at(const struct index *, size_t);

/* Before the first advisory: somebody will ask what ${id} is about. */
int index_ask(struct index *, struct str id, struct diag *);

/* Stream one advisory past, read by ${kind} (feed_covers()).  0 or ERR_LIMIT. */
int index_advisory(struct index *, const struct feed_importer *kind,
    const struct advisory *, struct diag *);

/**
 * index_finish(x, ret, n, d):
 * After the last advisory: set *${ret} to the *${n} hits, by package and
 * advisory.  Of documents with one id only the one modified last counts.
 * Return 0 or ERR_LIMIT.
 */
int index_finish(struct index *, const struct index_hit **ret, size_t *n,
    struct diag *);
/**
 * index_asked(x, ret, n, d):
 * After index_finish(): the names of what index_ask() asked for: that of its class
 * and of whatever the documents of that id are about.  Return 0 or ERR_LIMIT.
 */
int index_asked(struct index *, struct str **ret, size_t *n, struct diag *);
/* After index_finish(): what ${a} is about, in ${pool}; 0 or ERR_LIMIT. */
int index_about(struct index *, const struct advisory *a, struct pool *,
    struct str **ret, size_t *n);
/* After index_finish(): is there a newer copy of the ${number}th document (from 0,
 * as they were streamed past)? */
bool index_outdated(const struct index *, size_t number);
/* The namespaces of the packages, by name and type. */
const struct index_namespace *index_namespaces(const struct index *, size_t *n);

#endif

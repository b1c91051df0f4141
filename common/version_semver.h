/*
 * Versions in the manner of semver.org 2.0.0, which half of the ecosystems
 * order by, each with its own small differences.
 */
#ifndef VERSION_SEMVER_H
#define VERSION_SEMVER_H

#include "buf.h"
#include "err.h"

#define SEMVER_NUMBERS 4

struct semver {
	struct str number[SEMVER_NUMBERS];	/* digits; missing ones empty = 0 */
	size_t n;		/* how many were stated */
	bool pre;		/* a pre-release: a "-" was there */
	struct str label;	/* behind the "-" */
	struct str build;	/* behind the "+" */
};

/**
 * version_semver_parse(v, max, ret, d):
 * Read "[v]N[.N[.N]]...[-label][+build]" with one to ${max} numbers.  Dirty
 * forms that are published are taken as osv.dev takes them: a leading v or =,
 * missing numbers, leading zeros, empty identifiers.  0 or ERR_MALFORMED.
 */
int version_semver_parse(struct str v, size_t max, struct semver *ret,
    struct diag *d);
/* Numbers, then release above pre-release, labels identifier by identifier:
 * numbers below words, by value or bytewise; fewer identifiers are less.  Build
 * metadata does not count.  -1, 0, 1. */
int version_semver_cmp(const struct semver *, const struct semver *);
/* Identifiers "a.1.b" alone, as labels are compared. */
int version_semver_cmp_labels(struct str a, struct str b);
/* Append the key of ${numbers} numbers and the label; 0 or ERR_LIMIT. */
int version_semver_key(const struct semver *, size_t numbers, struct buf *ret);
int version_semver_key_label(struct str label, struct buf *ret);

/* struct version_scheme's cmp and key for the plain rule: three numbers. */
int version_semver_scheme_cmp(struct str a, struct str b, int *ret, struct diag *);
int version_semver_scheme_key(struct str v, struct buf *ret, struct diag *);

#endif

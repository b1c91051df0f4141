/*
 * The order of versions, as each packaging system's own tools see it, in two
 * forms that always agree: a comparator, and a byte key whose memcmp order is
 * the version order, so that ranges can be looked up in an index.  Sources:
 * deb-version(7) and libdpkg; apk-tools version.c; PEP 440 and pypa/packaging; the
 * others name theirs.
 *
 * A key is never an identity: 1.0 and 1.00 are different texts with one key.
 */
#ifndef VERSION_H
#define VERSION_H

#include "buf.h"
#include "err.h"

struct version_scheme {
	const char *name;	/* as `scanfarm compare` takes it; stored */
	/* See version_cmp and version_key, which check lengths first. */
	int (*cmp)(struct str a, struct str b, int *ret, struct diag *);
	/* NULL where no key exists. */
	int (*key)(struct str v, struct buf *ret, struct diag *);
	/* A version may carry a `+local` part; the key of one without ends in
	 * 0x01, and 0x04 in its place sorts above all its local variants. */
	bool local_parts;
	/* A side without "-release" equals all releases; its key is the
	 * beginning of theirs and 0xFF behind it lies above them. */
	bool optional_release;
	/* Keys order coarsely: of a < b the key of a is not above the key of b,
	 * and versions that differ may have one key.  Ranges of keys cover more
	 * than they mean; whoever looks up by them decides by comparing. */
	bool coarse_keys;
};

#define VERSION_SCHEME(name) extern const struct version_scheme version_##name;
#include "version_list.h"
#undef VERSION_SCHEME

/* The bytes that stand for "no upper end"; no key begins with it. */
#define VERSION_KEY_INFINITY 0xFF

/* The scheme called ${name}, or NULL. */
const struct version_scheme *version_scheme_find(struct str name);
/* The ${i}th scheme, NULL behind the last. */
const struct version_scheme *version_scheme_at(size_t i);
/**
 * version_scheme_of_ecosystem(ecosystem):
 * The scheme that orders versions of the OSV ecosystem ${ecosystem} (with or
 * without its suffix), or NULL: we cannot order them yet, nothing matches.
 */
const struct version_scheme *version_scheme_of_ecosystem(struct str ecosystem);

/**
 * version_cmp(scheme, a, b, ret, d):
 * Order versions ${a} and ${b} as ${scheme}'s own tools would and set *${ret}
 * to -1, 0 or 1.  Return 0, ERR_MALFORMED if either is no version of it, or
 * ERR_LIMIT if either is longer than LIMIT_VERSION.  Keeps nothing.
 */
int version_cmp(const struct version_scheme *, struct str a, struct str b,
    int *ret, struct diag *);

/**
 * version_key(scheme, v, ret, d):
 * Append the key of ${v} to ${ret}.  Return 0, ERR_MALFORMED, ERR_LIMIT, or
 * ERR_UNSUPPORTED if the scheme has no keys; ${ret} is untouched on failure.
 */
int version_key(const struct version_scheme *, struct str v, struct buf *ret,
    struct diag *);

/**
 * version_range_keys(scheme, lo, hi, hi_inclusive, ret_lo, ret_hi, d):
 * Append the half open key range [${ret_lo}, ${ret_hi}) of the versions from
 * ${lo} up to ${hi}: "" or "0" as ${lo} is minus infinity (the empty key), ""
 * as ${hi} is no upper end (one VERSION_KEY_INFINITY), an inclusive upper end,
 * and any of coarse keys, is its key followed by 0x00.  Where local parts exist (PEP 440) an inclusive
 * end that names none covers all of them; where releases may be left out (rpm)
 * one without covers all releases.  Equality with ${v} is the range
 * from ${v} to ${v} inclusive.  Return as version_key.
 */
int version_range_keys(const struct version_scheme *, struct str lo,
    struct str hi, bool hi_inclusive, struct buf *ret_lo, struct buf *ret_hi,
    struct diag *);

/**
 * version_in_range(scheme, v, lo, hi, hi_inclusive, ret, d):
 * The same decision by comparing: set *${ret} to whether ${v} lies between.
 * Return as version_cmp.
 */
int version_in_range(const struct version_scheme *, struct str v, struct str lo,
    struct str hi, bool hi_inclusive, bool *ret, struct diag *);

/**
 * version_name_key(ecosystem, name, ret):
 * Append to ${ret} the form of ${name} under which packages of ${ecosystem}
 * are compared: PyPI folds case and runs of `-_.`, NuGet and Packagist fold
 * case; others are taken as they are.  Return 0 or ERR_LIMIT.
 */
int version_name_key(struct str ecosystem, struct str name, struct buf *ret);

#endif

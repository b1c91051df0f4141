/*
 * One header of an rpm database: tagged values in an index over a data area.
 * The blob has no magic number in front, unlike the headers inside .rpm files.
 * Followed: rpm's docs/manual/format_header.md and tags.md.  Nothing is copied;
 * results point into the blob.
 */
#ifndef RPMHDR_H
#define RPMHDR_H

#include "common/cur.h"

enum rpmhdr_tag {
	RPMHDR_NAME = 1000,
	RPMHDR_VERSION = 1001,
	RPMHDR_RELEASE = 1002,
	RPMHDR_EPOCH = 1003,
	RPMHDR_VENDOR = 1011,
	RPMHDR_ARCH = 1022,
	RPMHDR_OLDFILENAMES = 1027,
	RPMHDR_FILEDIGESTS = 1035,
	RPMHDR_SOURCERPM = 1044,
	RPMHDR_DIRINDEXES = 1116,
	RPMHDR_BASENAMES = 1117,
	RPMHDR_DIRNAMES = 1118,
	RPMHDR_FILEDIGESTALGO = 5011,
	RPMHDR_MODULARITYLABEL = 5096,
};

struct rpmhdr {
	struct cur index;	/* 16 bytes an entry */
	struct cur data;
	uint32_t n;		/* entries */
};

/* A cursor over the values of an array.  At most ${left} of them come. */
struct rpmhdr_array {
	struct cur at;
	uint32_t left;
};

/**
 * rpmhdr_read(blob, ret, d):
 * Check the index of ${blob}: every entry has a known type and lies, aligned,
 * in the data area.  0 or ERR_MALFORMED.  Strings are checked when asked for:
 * entries may overlap, and checking them all would take quadratic time.
 */
MUST_CHECK int rpmhdr_read(struct str blob, struct rpmhdr *ret, struct diag *);

/* Values of a tag.  Of several entries the last one counts: what was added at
 * installation overrides the immutable region.  Each returns 1, 0 when the
 * header has no such tag, or ERR_MALFORMED when its type is another one or a
 * string runs out of the data area. */
MUST_CHECK int rpmhdr_str(const struct rpmhdr *, enum rpmhdr_tag,
    struct str *ret, struct diag *);	/* of an array, the first */
MUST_CHECK int rpmhdr_u32(const struct rpmhdr *, enum rpmhdr_tag,
    uint32_t *ret, struct diag *);
MUST_CHECK int rpmhdr_strs(const struct rpmhdr *, enum rpmhdr_tag,
    struct rpmhdr_array *ret, struct diag *);
MUST_CHECK int rpmhdr_u32s(const struct rpmhdr *, enum rpmhdr_tag,
    struct rpmhdr_array *ret, struct diag *);

/* The next value, or false at the end; of strings also where one runs out of
 * the data area (then ->left is not 0). */
MUST_CHECK bool rpmhdr_next_str(struct rpmhdr_array *, struct str *ret);
MUST_CHECK bool rpmhdr_next_u32(struct rpmhdr_array *, uint32_t *ret);

#endif

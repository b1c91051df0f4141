/*
 * What is kept of a layer's paths until its end, because of several entries for
 * one path the last counts: records that may be dropped again.  Each is an
 * encoded array that begins with its path and another text: an inventory_file
 * with its analyzer, a link with its target.  Found by the hash of the path,
 * which the caller makes (SipHash with a key that the layer's maker does not
 * know).
 */
#ifndef RECORDS_H
#define RECORDS_H

#include "common/buf.h"

struct record;

struct records {
	struct buf bytes;	/* records are appended here, then added */
	struct record *v;
	size_t n;
	uint32_t *slot;		/* open addressing: index into v, plus one */
	size_t nslot;
};

void records_init(struct records *, size_t max_bytes);	/* below 4 GiB */
void records_done(struct records *);
/* What was appended to ${bytes} from ${at} on is a record of that path. */
void records_add(struct records *, size_t at, uint64_t hash);
/* Add one of nothing but these two; ERR_LIMIT when there is no room. */
MUST_CHECK int records_pair(struct records *, struct str path, uint64_t hash,
    struct str other);
/* Drop all records of ${path}; were there any? */
bool records_drop(struct records *, struct str path, uint64_t hash);
/* Drop those of all paths below ${dir}; looks at every record. */
void records_drop_below(struct records *, struct str dir);

/**
 * records_of(r, path, hash, at, other):
 * Walk the records of ${path}: *${at} is 0 at first and kept by the caller.
 * True with *${other} set to the other text of the next, which points into
 * ${bytes}; false behind the last.  Nothing may be added in between.
 */
bool records_of(const struct records *, struct str path, uint64_t hash,
    size_t *at, struct str *other);
/* The ${i}th record of all, in the order they came; false when it was dropped.
 * ${i} is below r->n. */
bool records_at(const struct records *, size_t i, struct str *ret);
/* The same, its two texts. */
bool records_texts(const struct records *, size_t i, struct str *path,
    struct str *other);

#endif

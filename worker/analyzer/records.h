/*
 * The encoded records of one layer, inventory_file each, until its end: of
 * several entries for one path the last counts, so a record may be dropped
 * again.  Found by the hash of its path, which the caller makes (SipHash with a
 * key that the layer's maker does not know).
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

void records_init(struct records *, size_t max_bytes);
void records_done(struct records *);
/* What was appended to ${bytes} from ${at} on is a record of that path. */
void records_add(struct records *, size_t at, uint64_t hash);
/* Drop all records of ${path}; were there any? */
bool records_drop(struct records *, struct str path, uint64_t hash);

/**
 * records_of(r, path, hash, at, kind):
 * Walk the records of ${path}: *${at} is 0 at first and kept by the caller.
 * True with *${kind} set to the name of the next one's analyzer, which points
 * into ${bytes}; false behind the last.  Nothing may be added in between.
 */
bool records_of(const struct records *, struct str path, uint64_t hash,
    size_t *at, struct str *kind);
/* The ${i}th record of all, in the order they came; false when it was dropped.
 * ${i} is below r->n. */
bool records_at(const struct records *, size_t i, struct str *ret);

#endif

/*
 * A file that is compressed as a whole, whichever way: gzip, zstd, xz, bzip2 or
 * not at all, told apart by its first bytes.  One layer of it: what comes out is
 * not looked into again.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include "inflate.h"

/* A source whose first bytes can be looked at before it is read. */
#define SOURCE_HEAD ((size_t)512)
struct source_peek {
	struct source src;
	uint8_t head[SOURCE_HEAD];
	size_t n;		/* bytes in it: fewer where the source ends */
	struct cur rest;	/* what the source gave with them */
	int given;
};
/* Fill ${k}->head from ${src}, which is copied.  0 or the source's error. */
int source_peek(struct source_peek *k, const struct source *src,
    struct diag *d);
/* All of ${k}'s source, its head included. */
struct source source_peeked(struct source_peek *k);

struct unpack;

/**
 * unpack_new(src, limits, ret, d):
 * The uncompressed bytes of ${src} (copied; its arg stays the caller's).
 * Return 0 or, as the first bytes are looked at, what the source returned.
 */
int unpack_new(const struct source *src, const struct inflate_limits *limits,
    struct unpack **ret, struct diag *d);
void unpack_free(struct unpack *);

/* As inflate_read(); a piece stays valid until the next call. */
int64_t unpack_read(struct unpack *, const uint8_t **ret, struct diag *d);
/* The same as a source. */
struct source unpack_source(struct unpack *);

/* ${name} without the ending of a compressed file (.gz .zst .xz .bz2). */
struct str unpack_name(struct str name);

#endif

/*
 * What an entry of a tar is to those who unpack layers.  Docker, containerd,
 * Podman and CRI-O all read tars by Go's archive/tar; where tar's dialects
 * meet, libarchive (behind archive.h) takes another name, type or content from
 * the same bytes, it composes Unicode letters, and it cuts names at a NUL byte.
 * A layer could show us something else than it unpacks to.  So names are taken
 * from the raw headers by Go's rules, and what else differs is told.  Followed:
 * Go 1.22, src/archive/tar.
 */
#ifndef TAR_ENTRY_H
#define TAR_ENTRY_H

#include "common/archive.h"

#define TAR_ENTRY_BLOCK 512

struct tar_entry_body {
	uint8_t *p;		/* owned */
	size_t n;
};

/* One entry: its extended headers, of each kind the last, and its own. */
struct tar_entry {
	struct tar_entry_body pax, name, target;
	uint8_t header[TAR_ENTRY_BLOCK];
	char joined[TAR_ENTRY_BLOCK];	/* prefix and name */
};

/* Nothing has come by yet.  Frees what was kept of the entry before. */
void tar_entry_clear(struct tar_entry *);

/**
 * tar_entry_extended(t, type, body, n):
 * An extended header of ${type} (x, X, g, L, K) came by; takes *${body}.
 * Return NULL, or what is wrong with it.
 */
const char *tar_entry_extended(struct tar_entry *, char type, uint8_t **body,
    size_t n);

/**
 * tar_entry_judge(t, h, it, length):
 * Behind them came the header ${h}, for which libarchive gave ${it}: put Go's
 * names into ${it}, valid while ${t} is, and return NULL or how the rest
 * differs from what Go reads.  *${length} is the length of the content that Go
 * skips, UINT64_MAX when this is not known.
 */
const char *tar_entry_judge(struct tar_entry *,
    const uint8_t h[TAR_ENTRY_BLOCK], struct archive_item *, uint64_t *length);

/* The size field of a header: octal, or base 256 when its first bit is set.
 * Values above 2^62 come out as that: they are over every limit. */
uint64_t tar_entry_size(const uint8_t h[TAR_ENTRY_BLOCK]);

#endif

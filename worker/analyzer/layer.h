/*
 * Read one layer: one pass over its tar, every wanted file to its analyzer,
 * facts about the tree for applying it later without the blob.  Writes
 * nothing, opens nothing; memory is bounded whatever the input.  Followed: OCI
 * image-spec layer.md, pax and GNU tar as libarchive reads them.
 *
 * Runs with read, write, brk, mmap, munmap, mremap and exit_group only, once
 * layer_warm_up() was called.
 */
#ifndef LAYER_H
#define LAYER_H

#include "common/inflate.h"
#include "common/inventory.h"

#define LAYER_SKIPS 16

/* Ceilings; a field of 0 means the value of limits.h. */
struct layer_limits {
	uint64_t blob_bytes;	/* compressed */
	uint64_t tar_bytes;
	uint64_t ratio, ratio_free;
	uint64_t entries;
	uint64_t file_bytes;	/* one wanted file */
	uint64_t linked_bytes;	/* read again, for hard links */
	uint64_t inventory_bytes, tree_bytes;
};

struct layer_options {
	bool want_hashes;	/* send path hashes: needed for layers that lie
				   above another one in some image */
	uint8_t sip_key[16];	/* of the farm; only read with want_hashes */
	struct str skip[LAYER_SKIPS];	/* names of analyzers not to run, after
				   they crashed; their files are incomplete */
	size_t nskip;
	bool lock_files;	/* read what was asked for, too, not only what is
				   installed */
	struct layer_limits limits;
};

/* Who gets the results.  Callbacks borrow what they are given for the call and
 * return 0 or a negative enum err, which ends layer_read() with that. */
struct layer_sink {
	void *arg;
	/* At most one inventory_file, as encoded, for each (path, kind), after the
	 * last tar entry. */
	int (*file)(void *arg, struct str record);
	/* Whiteouts and oddities in tar order, then links, of one path the last
	 * only, then pieces of path hashes (sorted, at most 256 KiB each). */
	int (*tree)(void *arg, const struct tree_entry *);
	/* Part of the layer could not be read; may come several times. */
	int (*incomplete)(void *arg, enum err, struct str reason);
	/* Before an analyzer runs on a file, with its name; may be NULL.  What
	 * was told last is the suspect when the process dies. */
	void (*breadcrumb)(void *arg, const char *analyzer, struct str path);
};

struct layer_stats {
	uint64_t blob_bytes;	/* read from the source */
	uint64_t tar_bytes;
	uint64_t entries;
	uint64_t packages;
};

/**
 * layer_read(src, opt, sink, ret, d):
 * Read the layer blob ${src} (gzip, zstd or plain tar; zero bytes are an empty
 * layer) to its end, as far as it can be read.  Return 0 also when parts could
 * not be read (sink->incomplete says so: the layer is then never clean), or
 * the negative code that the source (ERR_TEMPORARY, ...) or a callback gave.
 * *${ret} is filled either way.
 */
int layer_read(const struct source *src, const struct layer_options *opt,
    const struct layer_sink *sink, struct layer_stats *ret, struct diag *d);

/**
 * layer_read_memory(src, opt, ret, stats, d):
 * The same, collected in a new layer_inventory the caller frees.  *${ret} is
 * set only when 0 is returned.
 */
int layer_read_memory(const struct source *src, const struct layer_options *opt,
    struct layer_inventory **ret, struct layer_stats *stats, struct diag *d);

/* First uses that open files or take locks: locale, iconv, digests, zstd,
 * libarchive.  Call once, before threads and before the system call filter. */
void layer_warm_up(void);

#endif

/*
 * Contents of files that nobody wanted but that begin like a database: a later
 * hard link may give one a wanted name (ostree's object store, pnpm's, "ln" in
 * a build).  Up to 16,384 of 64 MiB together; what does not fit is not kept.
 */
#ifndef ORPHANS_H
#define ORPHANS_H

#include "common/archive.h"
#include "common/limits.h"

#define ORPHAN_BYTES (64 * MIB)

struct orphan;

struct orphans {
	struct buf kept;	/* path, then content, of each */
	struct orphan *v;	/* NULL while there is none */
	size_t n;
	uint32_t *slot;
};

void orphans_init(struct orphans *);
void orphans_done(struct orphans *);
/* Is there room for a file of ${size} under that path? */
bool orphans_room(const struct orphans *, struct str path, uint64_t size);
/* Keep ${path} with ${first}, its first bytes, and what ${r} still has of the
 * ${size}; a file that cannot be read is not kept. */
void orphans_keep(struct orphans *, struct str path, uint64_t hash,
    struct str first, uint64_t size, struct archive_reader *r);
/* ${path} is a hard link to ${to}: if that is kept, it is under both names.  False
 * when there is no room for the name. */
bool orphans_link(struct orphans *, struct str path, uint64_t hash,
    struct str to, uint64_t to_hash);
/* An entry of this path comes: what was kept for it is replaced. */
void orphans_drop(struct orphans *, uint64_t hash);
/* The same of all paths below ${dir}. */
void orphans_drop_below(struct orphans *, struct str dir);
/* The content kept for ${path}, or false. */
bool orphans_find(const struct orphans *, struct str path, uint64_t hash,
    struct str *ret);

/**
 * orphans_below(o, dir, at, name, content):
 * Walk what is kept of the files below ${dir} ("" is the root): *${at} is 0 at first
 * and kept by the caller.  True with the file's name there (x/desc) and content,
 * false behind the last.
 */
bool orphans_below(const struct orphans *o, struct str dir, size_t *at,
    struct str *name, struct str *content);

#endif

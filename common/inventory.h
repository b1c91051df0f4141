/*
 * What is in one layer: the rows that analyzers found, file by file, and the
 * facts about the layer's tree that are needed to apply it on others without
 * its blob.  Produced by worker/analyzer/layer.c, sent to the coordinator,
 * stored by digest, read by coordinator/matcher/apply.c.
 *
 * The encoded forms (msgpack arrays through pack.h) are what the wire carries
 * and what the database keeps; a record may grow at its end.
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "buf.h"
#include "cur.h"
#include "pool.h"

/* Longest texts of one file: the analyzer's facts, and why it failed. */
#define INVENTORY_ATTRIBUTES 65536
#define INVENTORY_REASON 8192

/* One package as its database states it.  Texts are bytes; empty = not stated. */
struct package {
	struct str type;	/* purl type: deb apk rpm pypi ... */
	struct str name;
	struct str version;	/* epoch included where the system writes one */
	struct str arch;
	struct str source_name;
	struct str source_version;
	struct str state;	/* "" = installed; else dpkg's third status word
				   (unpacked, half-configured, half-installed):
				   kept aside, not in the package list */
	struct str vendor;	/* maintainer or vendor, to tell third parties */
	struct str module;	/* which stream of its repositories: MODULARITYLABEL
				   of rpm, name:stream:version:...; of apk the
				   tag of the repository, "edge" */
	struct str scope;	/* "" = there at run time; else why it matters
				   less: dev build default bundled declared ... */
	struct str owns;	/* SipHash-2-4 of paths that it owns, 8 bytes little
				   endian each: those an analyzer may want */
};

/*
 * One file that an analyzer read.  "Seen, zero packages" is information: it
 * replaces the lower layer's file of that path.
 */
struct inventory_file {
	struct str path;	/* normalised key, see path.h */
	struct str kind;	/* name of the analyzer */
	uint32_t revision;	/* of the analyzer */
	uint8_t sha256[32];	/* of the file's content; of one that was read in
				   pieces, of its size, beginning and rows */
	struct str attributes;	/* analyzer's own facts, "KEY=VALUE\n" lines:
				   os-release gives ID=, VERSION_ID=, ... */
	struct str hardlink;	/* not empty: this entry is a hard link to that
				   path of this or a lower layer, and holds no
				   rows */
	struct str lies;	/* not empty: nothing of the layer is at ${path}
				   but by its symbolic links, and this is the
				   entry that they lead to */
	bool altered;		/* packages of this layer list ${path} with other
				   content than it has: none of them brought it */
	struct package *packages;
	size_t n;
	int error;		/* 0, or the enum err of reading this file */
	struct str reason;	/* why, when error != 0; names the file */
};

/* Facts about the tree, one kind each. */
enum tree_kind {
	TREE_WHITEOUT = 1,	/* path */
	TREE_OPAQUE = 2,	/* path of the directory */
	TREE_SYMLINK = 3,	/* path, target (verbatim) */
	TREE_HARDLINK = 4,	/* path, target (normalised) of those to a file
				   of a lower layer, also where this one has
				   another there since; told with path hashes */
	TREE_DIR = 5,		/* sorted u64 SipHash-2-4 of every directory's
				   path, 8 bytes little endian each: a file or link
				   that a lower layer has there is gone */
	TREE_NONDIR = 6,	/* the same of every other path: whatever a lower
				   layer has there and below is gone */
	TREE_ANOMALY = 7,	/* reason text: duplicates, escapes, bad whiteouts */
	TREE_ASSUMED_DIR = 8,	/* path of a folder whose content came before its
				   own entry, or without one, and mattered: a link
				   of a lower layer there was the way of that;
				   target not empty: what is below it, too; told
				   with path hashes */
	TREE_IMPLIED = 9,	/* hashes as of TREE_DIR, of the folders that the
				   layer's paths have and it has no entry of */
};

struct tree_entry {
	enum tree_kind kind;
	struct str path;	/* of TREE_DIR, TREE_NONDIR and TREE_IMPLIED: the
				   packed hashes */
	struct str target;
};

/* A whole layer in memory, as apply.c wants it.  Everything in ${pool}. */
struct layer_inventory {
	struct pool *pool;
	struct inventory_file *files;
	size_t nfiles;
	struct tree_entry *tree;
	size_t ntree;
	bool incomplete;	/* some of it could not be read: never "clean" */
	struct str *reasons;	/* why, one text each, naming the file */
	size_t nreasons;
};

struct layer_inventory *layer_inventory_new(size_t max);
void layer_inventory_free(struct layer_inventory *);

/**
 * inventory_file_write(b, f) / inventory_file_read(c, pool, ret):
 * Append one file with its rows to ${b}, or take one from ${c} with all texts
 * copied into ${pool}.  Return 0, ERR_LIMIT (ceiling of buffer or pool) or
 * ERR_MALFORMED (the bytes are no inventory_file).
 */
int inventory_file_write(struct buf *b, const struct inventory_file *f);
int inventory_file_read(struct cur *c, struct pool *, struct inventory_file *ret);
int tree_entry_write(struct buf *, const struct tree_entry *);
int tree_entry_read(struct cur *, struct pool *, struct tree_entry *ret);

/* Add to a layer in memory; texts are copied.  0 or ERR_LIMIT. */
int layer_inventory_add_file(struct layer_inventory *, const struct inventory_file *);
/* Take an encoded record; 0, ERR_LIMIT or ERR_MALFORMED. */
int layer_inventory_read_file(struct layer_inventory *, struct cur *);
int layer_inventory_read_tree(struct layer_inventory *, struct cur *);
int layer_inventory_add_tree(struct layer_inventory *, const struct tree_entry *);
int layer_inventory_add_reason(struct layer_inventory *, struct str);

/* Where the package database of a system is looked for, or what says who owns files
 * (dpkg's info): paths at which a link may stand that leads elsewhere.  Ends with
 * NULL. */
extern const char *const inventory_databases[];
/* The same of what says which system it is; the first that is there counts. */
extern const char *const inventory_releases[];

/**
 * inventory_is_of_content(kind):
 * Does the analyzer of this name choose files by their content, whatever they are
 * called?  Then a hard link to one has its rows, too.
 */
bool inventory_is_of_content(struct str kind);
/* Does it find folders by their names?  What lies in one is not replaced with it. */
bool inventory_is_of_folder(struct str kind);

/* Hash ${i} of packed ones, 8 bytes little endian each. */
static inline uint64_t
inventory_hash(struct str packed, size_t i)
{
	const uint8_t *p = (const uint8_t *)packed.p + 8 * i;
	uint64_t v = 0;

	for (unsigned k = 8; k-- > 0; )
		v = v << 8 | p[k];
	return (v);
}

/* A package with its texts copied into the pool, but those that ${before}, a copy
 * in the same pool or NULL, has; 0 or ERR_LIMIT. */
int package_copy(struct pool *, const struct package *,
    const struct package *before, struct package *ret);

/* Order by (type, name, version, arch, source_name, source_version), bytewise. */
int package_cmp(const struct package *, const struct package *);

#endif

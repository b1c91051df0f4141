/*
 * Between layer.c (the walk: names, whiteouts), layer_order.c (what comes to the
 * place of what came before), layer_files.c (a file's content to analyzers),
 * layer_links.c (files under other names) and layer_results.c (what is told):
 * one layer at work.
 */
#ifndef LAYER_PARTS_H
#define LAYER_PARTS_H

#include "analyzer.h"
#include "common/archive.h"
#include "common/budget.h"
#include "common/siphash.h"
#include "hashes.h"
#include "layer.h"
#include "orphans.h"
#include "hash_set.h"
#include "records.h"
#include "sums.h"

/* Stream analyzers at work on one file. */
#define LAYER_READINGS 16
/* Databases with a log beside them; an image has one or two. */
#define LAYER_HELD 16

/* The source with its own failures kept apart from those of the stream. */
struct tap {
	struct source src;
	uint64_t bytes;
	int error;
	struct diag diag;
	bool end;
};

/* A file that is read together with the one beside it, at the end. */
struct held {
	const struct analyzer *a;
	struct buf path, lies, content;
	uint32_t mode;
	bool dead;
};

/* A file of ostree's store: what comes behind it are hard links to it, the names
 * by which it is known. */
struct object {
	struct buf path, content;
	uint32_t mode;
	bool here;
	bool named;	/* read under one of them */
};

struct layer {
	const struct layer_options *opt;
	const struct layer_sink *sink;
	struct layer_limits limits;
	struct budget budget;
	struct tap tap;
	struct inflate *z;
	struct archive_reader *r;
	struct hashes nondir, dirs;	/* when asked for */
	struct hash_set all_dirs;	/* also those that paths imply */
	struct buf key, target;	/* path keys of the current entry */
	struct buf content;
	struct records records;
	struct listed_sums listed;	/* digests that packages list */
	struct records found;	/* files with rows, with their sums */
	struct orphans orphans;
	bool orphans_lost;	/* some had no room */
	bool in_folder_lost;	/* ... of languages */
	struct object object;
	struct records objects;	/* names by which those were read that gave rows */
	uint64_t linked_bytes;	/* read again under a link's name */
	struct held held[LAYER_HELD];
	size_t nheld;
	struct records symlinks;
	struct records links;	/* hard links, unless the content is kept */
	struct records links_below;	/* those to a file of a lower layer that
					   this one replaced since */
	struct records links_old;	/* those to another one of this layer */
	struct hash_set folders;	/* of what was kept, up to the root */
	struct hash_set assumed;	/* of these, who are told as assumed */
	struct hash_set linked;	/* what hard links lead to */
	uint64_t last_folder;	/* in which an entry lay */
	bool aliased;		/* a link came by a name that another gives its
				   folder: what else is there is not known by it */
	unsigned searches;	/* see layer_order.c */
	unsigned tells, anomalies;
	int broken;		/* what a callback returned */
	bool stop;		/* a ceiling was reached: no more entries */
	struct layer_stats stats;
};

static inline uint64_t
layer_hash(const struct layer *l, struct str path)
{
	return (siphash(l->opt->sip_key, path));
}

/* Directories remembered: 16 MiB; file systems of millions of files have a tenth
 * of that. */
#define LAYER_DIRS 2000000

/* layer.c: add to one of the sets; is it new there? */
bool layer_add(struct layer *, struct hash_set *, uint64_t hash);
/* Something of ${path} is kept; what replaces a folder above it later in
 * this tar is told. */
void layer_kept(struct layer *, struct str path);

/* layer_order.c: the current entry takes the place of what came there before. */
void layer_replace(struct layer *, const struct archive_item *, uint64_t hash);
/* Where the symbolic link at ${path} leads to, or false when there is none. */
bool layer_is_link(const struct layer *, struct str path, uint64_t hash,
    struct str *target);

/* layer_results.c: part of the layer could not be read; a fact about its tree;
 * an oddity of its tar at ${path}. */
void layer_incomplete(struct layer *, int code, const char *where,
    const char *why);
void layer_tree(struct layer *, enum tree_kind, struct str path,
    struct str target);
/* Will that much more be told about the tree?  If not, the walk ends. */
bool layer_charge(struct layer *, struct str path, struct str target);
void layer_anomaly(struct layer *, struct str path, const char *why);
/* Append a record without rows for that file: a hard link to ${link}, or one that
 * was not read. */
void layer_record_plain(struct layer *, const struct analyzer *,
    const struct analyzer_file *, struct str link, int error,
    struct str reason);
/* What ${path} holds, where an analyzer found rows in it, has these sums. */
void layer_found(struct layer *, struct str path,
    const uint8_t sums[SUMS_BYTES]);
/* Hand over what is left to the end: records, and path hashes if asked for. */
void layer_emit(struct layer *);

/* layer_files.c: the regular file whose entry is read, to all who want it. */
void layer_regular_file(struct layer *, const struct archive_item *,
    uint64_t hash);
/* The current entry is a hard link to ${to}: if that is the object at hand, it is
 * read by the link's name. */
bool layer_names_object(struct layer *, uint64_t hash, struct str to);
/* May ${n} bytes be read again under a link's name?  If not, the walk ends. */
bool layer_may_reread(struct layer *, uint64_t n);
/* Before ${next}, or the end, NULL: is there an object that has no more names?  One
 * that has none is read by its own. */
void layer_end_object(struct layer *, const struct archive_item *next);
/* Run ${a} on a content in memory, or hold it for the end; if it does not run any
 * more, or not on so much, that is told. */
void layer_run(struct layer *, const struct analyzer *a,
    const struct analyzer_file *, struct str content);
/* At the end of the layer: each held file with the one beside it. */
void layer_run_held(struct layer *);
/* Is it not to run any more, after a crash? */
bool layer_skips(const struct layer *, const struct analyzer *);
/* The largest file that it reads whole. */
uint64_t layer_ceiling(const struct layer *, const struct analyzer *);
/* It wanted that file, which was not read; why, if it is not to run any more. */
void layer_not_read(struct layer *, const struct analyzer *,
    const struct analyzer_file *, int code, const char *why);
#define LAYER_CRASHED "not analysed again after a crash"

/* layer_links.c: the current entry is a link. */
void layer_hard_link(struct layer *, const struct archive_item *,
    uint64_t hash);
void layer_symbolic_link(struct layer *, struct str path, struct str target);
/* Is one of its folders a link that the layer brought before? */
bool layer_is_behind_link(const struct layer *, struct str path);
/* At the end of the layer: databases that its own links lead to, and what those of
 * others may lead to. */
void layer_run_redirected(struct layer *);

#endif

/*
 * Universal ("fat") Mach-O files: a table, then one whole Mach-O file (a slice)
 * for each processor.  Followed: mach-o/fat.h.  Other files are one slice, all
 * of them, so that readers of executables need not ask.
 */
#ifndef FAT_H
#define FAT_H

#include "common/buf.h"
#include "common/cur.h"

/* Real files have two to five. */
#define FAT_SLICES 32

struct fat_slice {
	uint64_t offset, size;	/* in the file */
};

/* One file, read from its beginning; all zeros before that. */
struct fat {
	struct buf table;	/* until it is read; then what of another file
				   was taken for one */
	struct fat_slice slice[FAT_SLICES];	/* in the order of the file */
	size_t n;
	size_t next;		/* the slice that is read, or comes */
	bool begun;		/* slices are known */
	bool open;		/* bytes of slice ${next} were handed on */
	bool is_fat;
	uint64_t at;		/* offset of the next bytes */
	int error;		/* slices that are not all read: ERR_MALFORMED
				   or ERR_LIMIT */
	struct diag why;
};

struct fat_bytes {
	struct str s;		/* may be empty at the end */
	bool begins, ends;	/* a slice */
};

/**
 * fat_next(f, piece, last, ret):
 * Take the next bytes of the file from ${piece} and hand on those of a slice;
 * ${last} when no more will follow.  True with *${ret} filled, to be called
 * again; false when ${piece} is used up.  Every slice that begins ends.
 */
MUST_CHECK bool fat_next(struct fat *, struct cur *piece, bool last,
    struct fat_bytes *ret);
void fat_done(struct fat *);

#endif

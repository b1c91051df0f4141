/*
 * Zip archives in memory, read as Java reads them: what the central directory
 * says counts, local headers only tell where content begins.  Bytes before the
 * archive (a shell stub) are fine.  Followed: PKWARE's APPNOTE.TXT 4.3, 4.4
 * with zip64; stored and deflated entries.
 */
#ifndef ZIP_H
#define ZIP_H

#include "common/cur.h"
#include "common/inflate.h"

#define ZIP_STORED 0	/* method: as it is */

struct zip {
	struct cur file;	/* of the archive alone, without what precedes */
	struct cur rest;	/* of the directory, not read yet */
	uint64_t at;		/* offset of ${rest}, for diags */
	uint64_t directory;	/* where it begins */
	uint64_t n, used;	/* entries so far, and their bytes before it */
};

struct zip_entry {
	struct str name;	/* as written, in the file */
	uint16_t flags, method;
	uint64_t packed, size;	/* bytes stored, bytes uncompressed */
	uint64_t header;	/* offset of its local header */
};

/**
 * zip_open(file, ret, d):
 * Find the directory in ${file}, which *${ret} borrows.  Return 1, 0 when this
 * is no zip at all (neither an end record nor the first bytes of one),
 * ERR_MALFORMED (cut off, or lengths that do not fit) or ERR_UNSUPPORTED
 * (several disks).
 */
int zip_open(struct cur file, struct zip *ret, struct diag *d);

/* The next entry of the directory.  1, 0 behind the last, or ERR_MALFORMED:
 * nothing more can be read; also behind the last, when the archive holds far
 * more or less than the entries of its directory. */
int zip_next(struct zip *, struct zip_entry *ret, struct diag *d);

/* Directories have names that end in a slash. */
bool zip_is_dir(const struct zip_entry *);

/**
 * zip_content(z, e, inf, room, ret, d):
 * Point *${ret} to the whole content of ${e}: in the file itself, or, inflated
 * with ${inf} (a bare one), in ${room}, which is cleared before.  Return 0,
 * ERR_LIMIT (more than ${room} may hold), ERR_UNSUPPORTED (encrypted, another
 * method) or ERR_MALFORMED (also when the size is not what was stated).
 */
int zip_content(const struct zip *, const struct zip_entry *e,
    struct inflate_one *inf, struct buf *room, struct str *ret, struct diag *d);

#endif

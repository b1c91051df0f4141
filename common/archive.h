/*
 * tar and zip archives, entry by entry from a stream.  The only door to
 * libarchive.  Nothing is extracted: names and contents are handed over.
 *
 * libarchive is used with the one format named and no filter (xz and bzip2 of
 * single files aside), in locale C.UTF-8; whatever it answers other than "fine" is told to the caller, except
 * the warning that a name is not UTF-8 (the bytes are right then).  Names in a
 * tar are those that runtimes read (tar_entry.h).
 */
#ifndef ARCHIVE_DOOR_H
#define ARCHIVE_DOOR_H

#include "buf.h"
#include "inflate.h"

enum archive_type {
	ARCHIVE_FILE, ARCHIVE_DIR, ARCHIVE_SYMLINK, ARCHIVE_HARDLINK,
	ARCHIVE_OTHER,		/* device, fifo, socket */
};

struct archive_item {
	struct str path;	/* as written, never NULL; valid until the next call */
	struct str target;	/* of a symbolic or hard link, as written */
	enum archive_type type;
	uint32_t mode;		/* permission bits and type as in stat(2) */
	uint64_t size;		/* of a file's content; of a hard link that
				   carries its content too */
	bool size_known;	/* zip entries may not know before the end */
	const char *finding;	/* why this entry is not to be trusted, or NULL */
};

struct archive_reader;

/**
 * archive_open_tar(z) / archive_open_zip(src):
 * A reader over an uncompressed tar stream, or over a zip (stored and deflated
 * entries, read in stream order by its local headers).  Borrow their argument.
 */
struct archive_reader *archive_open_tar(struct inflate *z);
struct archive_reader *archive_open_zip(const struct source *src);
/* One file that xz or bzip2 compressed: a single entry, its content. */
struct archive_reader *archive_open_raw(const struct source *src);
void archive_close(struct archive_reader *);

/**
 * archive_next(r, ret, d):
 * The next entry; content not read is skipped.  Return 1 (*${ret} filled), 0 at
 * the end of the archive, or a negative enum err: the source's own,
 * ERR_MALFORMED (truncated or damaged: nothing more can be read; or a runtime
 * would not have found the end of a tar where it is), ERR_LIMIT
 * (a pax header above LIMIT_PAX_BYTES).
 */
int archive_next(struct archive_reader *, struct archive_item *ret, struct diag *d);

/**
 * archive_content(r, max, buf, d):
 * Append the current entry's whole content to ${buf}.  Return 0, ERR_LIMIT
 * (more than ${max} bytes or than ${buf} holds; the next entry can still be
 * read), ERR_UNSUPPORTED (encrypted), ERR_MALFORMED (of a zip also when size or
 * checksum are not those stated), or the source's error.
 */
int archive_content(struct archive_reader *, uint64_t max, struct buf *, struct diag *d);
/* After archive_content() or archive_next() failed: can archive_next() go on?  In a zip that is
 * found out, and done, by looking for the next header in what follows; false
 * when the archive ends, damaged, with that entry. */
bool archive_goes_on(struct archive_reader *);
/* After archive_finish() of a zip: how many more entries its directory has
 * than were met, which damage has hidden; 0 also when it does not end in one. */
uint64_t archive_lost(const struct archive_reader *);
/* After archive_finish() of a zip: does it end in the record that ends its directory?
 * One that was cut in its directory does not, nor one with bytes behind it. */
bool archive_has_end(const struct archive_reader *);
/* Piece by piece: > 0 bytes in *${ret}, 0 at the end of the content, < 0 as
 * above.  A hole of a sparse file is handed out as zero bytes. */
int64_t archive_read_piece(struct archive_reader *, const uint8_t **ret, struct diag *d);

/**
 * archive_finish(r, d):
 * After archive_next() said 0: read the stream behind the archive's end, so
 * that its checksum is verified.  Return 0, 1 when it is sound but does not end
 * in the block of zeros that ends a tar (it may have been cut between two
 * entries), 2 when it does and other bytes follow, ERR_MALFORMED when a tar goes on behind a single zero block (what
 * runs images refuses that; behind two it ignores what follows), or the
 * stream's error.
 */
int archive_finish(struct archive_reader *, struct diag *d);

/* The reading of one pax name, so that iconv and locale files are open before
 * a system call filter forbids it.  Sets the process's LC_CTYPE to C.UTF-8. */
void archive_warm_up(void);

#endif

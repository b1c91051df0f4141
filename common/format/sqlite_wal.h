/*
 * SQLite's write-ahead log: what a program that ended early has not yet moved
 * into the database file.  Followed: sqlite.org/fileformat2.html, section 4.
 */
#ifndef SQLITE_WAL_H
#define SQLITE_WAL_H

#include "common/buf.h"

bool sqlite_wal_looks(struct str head);
/**
 * sqlite_wal_apply(wal, image, d):
 * Bring the database file's bytes ${image} to the state that SQLite would see
 * with ${wal} beside it: frames with the log's salts and right checksums, up to
 * the last commit.  0; a log that is empty, of another generation or cut
 * before its first commit changes nothing.  ERR_MALFORMED when its pages
 * cannot be this file's, ERR_LIMIT when the image does not fit: the image is
 * then as it was.
 */
MUST_CHECK int sqlite_wal_apply(struct str wal, struct buf *image,
    struct diag *d);

#endif

/*
 * One column of one table of a database in SQLite, the only door to that library.
 * The file and its schema are hostile: read are that table and nothing it could
 * drag in, neither views nor computed columns nor indexes.
 */
#ifndef SQLITE_ROWS_H
#define SQLITE_ROWS_H

#include "common/buf.h"

struct sqlite_rows;

bool sqlite_rows_looks(struct str head);
/**
 * sqlite_rows_open(image, table, column, ret, d):
 * Open the bytes of a database file, which stay where they are until
 * sqlite_rows_close; its header is changed so that no log is looked for.  0,
 * ERR_MALFORMED (no such table, too), ERR_UNSUPPORTED or ERR_LIMIT.
 */
MUST_CHECK int sqlite_rows_open(struct buf *image, const char *table,
    const char *column, struct sqlite_rows **ret, struct diag *);
/* The next value, valid until the next call: 1, 0 at the end, or ERR_MALFORMED
 * or ERR_LIMIT, after which nothing comes. */
MUST_CHECK int sqlite_rows_next(struct sqlite_rows *, struct str *ret,
    struct diag *);
void sqlite_rows_close(struct sqlite_rows *);
/* First uses that ask the system for more than memory. */
void sqlite_rows_warm_up(void);

#endif

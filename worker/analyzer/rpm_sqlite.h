/*
 * The rows of an rpm database in SQLite (rpmdb.sqlite), the only door to that
 * library.  The file and its schema are hostile: read are table Packages and
 * nothing it could drag in, neither views nor computed columns nor indexes.
 */
#ifndef RPM_SQLITE_H
#define RPM_SQLITE_H

#include "common/buf.h"

struct rpm_sqlite;

bool rpm_sqlite_looks(struct str head);
/**
 * rpm_sqlite_open(image, ret, d):
 * Open the bytes of a database file, which stay where they are until
 * rpm_sqlite_close; its header is changed so that no log is looked for.  0,
 * ERR_MALFORMED, ERR_UNSUPPORTED or ERR_LIMIT.
 */
MUST_CHECK int rpm_sqlite_open(struct buf *image, struct rpm_sqlite **ret,
    struct diag *);
/* The next header, valid until the next call: 1, 0 at the end, or ERR_MALFORMED
 * or ERR_LIMIT, after which nothing comes. */
MUST_CHECK int rpm_sqlite_next(struct rpm_sqlite *, struct str *ret,
    struct diag *);
void rpm_sqlite_close(struct rpm_sqlite *);
/* First uses that ask the system for more than memory. */
void rpm_sqlite_warm_up(void);

#endif

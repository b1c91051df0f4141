/*
 * What the readers of lock files share.  A lock file says what was asked for:
 * its rows have scope "declared", or "dev" and "build" where it says so, and
 * are read only when asked for.
 */
#ifndef LOCK_H
#define LOCK_H

#include "analyzer.h"

/* Is ${path} a file of that name outside installed dependencies, which bring
 * lock files of their own development along?  ${names} ends with NULL. */
bool lock_is(struct str path, const char *const *names);

/* Hand over one row, unless it has no name. */
MUST_CHECK int lock_row(struct analyzer_out *, const char *type, struct str name,
    struct str version, const char *scope, struct diag *);

#define LOCK_DECLARED "declared"
#define LOCK_DEV "dev"
#define LOCK_BUILD "build"

/**
 * lock_toml(c, table, row, arg, d):
 * Read a TOML document of [[table]] items (or [table], both dotted names) and
 * call ${row} for each.
 * ERR_MALFORMED, after all rows, when part of it was no TOML.
 */
struct lock_entry {
	struct str name, version;
	struct str category;	/* of older poetry: main, dev */
	struct str groups;	/* of newer: ["main", "dev"], as written */
};
MUST_CHECK int lock_toml(struct cur c, const char *table,
    int (*row)(void *arg, const struct lock_entry *, struct diag *), void *arg,
    struct diag *);

#endif

/* What is kept of a release that leaves its feed. */
#ifndef FEED_FREEZE_H
#define FEED_FREEZE_H

#include "db.h"

/**
 * feed_freeze(db, conninfo, feed, namespace, d):
 * Within the open transaction, in which ${feed} was imported anew and speaks of
 * ${namespace} no more: keep what its documents said of it before, each as one of a
 * feed of its own, "frozen/FEED NAMESPACE", under its id and "@NAMESPACE".  They are
 * read over a second connection, which does not see the transaction.  Return 0 or
 * what the database returned.
 */
int feed_freeze(struct db *, const char *conninfo, const char *feed,
    struct str namespace, struct diag *);

/* ${feed} speaks of namespaces again: what was kept of them is withdrawn. */
int feed_thaw(struct db *, const char *feed, struct diag *);

#endif

/* Advisories from a local file or folder into the offline matcher. */
#ifndef FEED_LOCAL_H
#define FEED_LOCAL_H

#include "coordinator/matcher/feed.h"
#include "coordinator/matcher/index.h"

/**
 * feed_local_read(command, path, x, e, count, unread, d):
 * Stream all advisories of ${path} past ${x}; KEV and EPSS in it go to ${e}.
 * Documents that could not be read are named on standard error, the first of
 * them one by one; ${unread} says how many a verdict cannot rest on and names the
 * first, "" when there are none.  Return as feed_import_path.
 */
int feed_local_read(const char *command, const char *path, struct index *x,
    struct exploits *e, struct feed_count *count, char unread[DIAG_TEXT],
    struct diag *);

/**
 * feed_local_content_sets(path, m, d):
 * Add to ${m} what ${path} says of Red Hat's repositories; of other documents
 * there nothing is said.  Return as feed_import_path.
 */
int feed_local_content_sets(const char *path, struct content_sets *m,
    struct diag *);

/* Tell on standard error what was not matched and why: packages of no known
 * ecosystem, of one we cannot order, of one without advisories. */
void feed_local_coverage(const char *command, const struct index *x);

/* The exit status that stands for a failed read of input. */
int feed_local_exit(int rc);

#endif

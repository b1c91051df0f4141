/*
 * What the imports of feeds beside the advisories (KEV, EPSS, Red Hat's repositories)
 * have in common: such a file is always the whole feed, and its reader gives
 * frames of entries.
 */
#ifndef FEED_BESIDE_H
#define FEED_BESIDE_H

#include "common/buf.h"
#include "common/proc.h"
#include "coordinator/matcher/feed.h"
#include "feed_import.h"

/* The entries of one frame. */
typedef int feed_beside_add(void *arg, struct cur entries, struct diag *);

/* Read ${fd} to its end: frames of ${type} go to ${add}, what is malformed is
 * counted in ${ret}, the reader's own reason goes to ${why}. */
int feed_beside_read(int fd, uint8_t type, feed_beside_add *, void *arg,
    struct feed_result *ret, char why[DIAG_TEXT], struct diag *);
/* Wait for the reader.  ${rc} is what became of its frames, and the result, unless
 * the reader itself failed or no entry could be read. */
int feed_beside_wait(struct launcher_run *, int rc, const char *why,
    const struct feed_result *, struct diag *);
/* Into the feed's row: where the file came from and what it held. */
int feed_beside_note(struct db *, const struct feed_importer *,
    const struct feed_result *, const struct feed_origin *, struct diag *);
void feed_beside_log(const struct feed_importer *, const struct feed_result *,
    int rc);

#endif

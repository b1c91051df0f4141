/* What Red Hat's repositories are, from an upload into the database. */
#ifndef CONTENT_SET_IMPORT_H
#define CONTENT_SET_IMPORT_H

#include "feed_import.h"

/**
 * content_set_import_fd(db, co, fd, options, ret, d):
 * As feed_import_fd(), for the feed redhat_repositories.  The file is always the
 * whole feed.  Where anything in it is new, changed or gone, the images whose
 * layers name repositories are marked, to be applied again from what is stored.
 */
int content_set_import_fd(struct db *, struct coordinator *, int fd,
    const struct feed_options *, struct feed_result *ret, struct diag *);

#endif

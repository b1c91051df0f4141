/*
 * Symbolic links of a layer at or above the places where package databases are
 * looked for: /var/lib/rpm -> ../../usr/lib/sysimage/rpm.  Up to 64 KiB of them;
 * a database behind one that does not fit stays unread, which is told when
 * layers are applied.
 */
#ifndef REDIRECTS_H
#define REDIRECTS_H

#include <stdbool.h>
#include "common/buf.h"

struct redirects {
	struct buf links;	/* link, NUL, target, NUL */
};

void redirects_init(struct redirects *);
void redirects_done(struct redirects *);
/* The layer has a link at ${path} with ${target}, as it is written: keep it if
 * it is on the way to a database. */
void redirects_add(struct redirects *, struct str path, struct str target);
/* An entry of this path comes: a link that was kept for it is replaced. */
void redirects_drop(struct redirects *, struct str path);

/**
 * redirects_each(r, found, arg):
 * Call ${found} for each file or folder that a kept link may put where a
 * database is looked for, and for the log beside it: ${place} is the database's
 * known path, ${path} where the link leads, borrowed for the call.  Nothing says
 * that ${path} exists.  Ends when ${found} returns false.
 */
void redirects_each(const struct redirects *r,
    bool (*found)(void *arg, struct str place, struct str path), void *arg);

#endif

/*
 * Java's .properties files: comments, the three separators, continued lines,
 * escapes.  Followed: java.util.Properties.load().
 */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "common/buf.h"
#include "common/cur.h"

/**
 * properties_next(c, room, key, value):
 * The next pair, both unescaped (characters above U+00FF and others outside
 * ASCII as UTF-8, what was UTF-8 stays) in ${room}, which is cleared before.
 * False at the end.  What ${room} cannot hold is cut.
 */
MUST_CHECK bool properties_next(struct cur *c, struct buf *room,
    struct str *key, struct str *value);

#endif

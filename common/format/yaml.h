/*
 * YAML as lock files use it: block mappings and sequences, one line at a time,
 * told by indentation.  Scalars on one line lose their quotes; flow collections
 * ({...}, [...]) come as written; block scalars, anchors, tags and multi-line
 * strings are not joined: their lines look like others, deeper.  Comments and
 * document marks are skipped.  Nothing is copied, escapes stay.
 */
#ifndef YAML_H
#define YAML_H

#include "common/cur.h"

struct yaml_line {
	size_t indent;		/* of the key or scalar; behind a "- " for items */
	bool item;		/* begins with "- " */
	struct str key;		/* of "key: value" or "key:", else "" */
	struct str value;	/* "" when it follows on deeper lines */
};

/* The next line that holds something, or false at the end of ${c}. */
MUST_CHECK bool yaml_next(struct cur *c, struct yaml_line *ret);

/* ${s} without surrounding quotes of one kind. */
struct str yaml_unquote(struct str s);

#endif

/*
 * Stanzas of "Name: value" fields as in Debian control files, dpkg's status,
 * Python's METADATA: fields end at a line that does not begin with space or
 * tab, stanzas at an empty line.  Followed: deb822(5), RFC 822 as far as these
 * files use it.  No line is too long; nothing is copied.
 */
#ifndef DEB822_H
#define DEB822_H

#include "common/cur.h"

struct deb822_field {
	struct str name;	/* as written; compare without case */
	struct str value;	/* trimmed; continuation lines included, with
				   their line ends */
};

/* Pass the empty lines before a stanza; false at the end of ${c}. */
MUST_CHECK bool deb822_begin(struct cur *c);
/**
 * deb822_next(c, ret):
 * The next field of the current stanza.  False at the stanza's end, having
 * passed the empty line behind it, or at the end of ${c}.  Lines that are no
 * field (no colon) are skipped.
 */
MUST_CHECK bool deb822_next(struct cur *c, struct deb822_field *ret);

/* First line of a value, without what follows. */
struct str deb822_first_line(struct str value);

#endif

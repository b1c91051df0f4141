/*
 * A file of paragraphs, records that end at an empty line, taken in pieces:
 * package databases larger than what is held whole.
 */
#ifndef PARAGRAPHS_H
#define PARAGRAPHS_H

#include "common/buf.h"
#include "common/cur.h"

/* All zeros = nothing read yet. */
struct paragraphs {
	struct buf kept;
	size_t given;		/* of kept: handed over by the last call */
	size_t searched;	/* of kept: holds no end of a paragraph */
};

/**
 * paragraphs_add(p, piece, ret, d):
 * Take ${piece} and set *${ret} to the whole paragraphs there are now, often
 * none; they stay valid until the next call.  0, or ERR_LIMIT when one
 * paragraph is longer than LIMIT_FILE_WHOLE.
 */
MUST_CHECK int paragraphs_add(struct paragraphs *, struct cur piece,
    struct cur *ret, struct diag *);
/* What no empty line has ended, at the end of the file. */
struct cur paragraphs_rest(const struct paragraphs *);
void paragraphs_done(struct paragraphs *);

#endif

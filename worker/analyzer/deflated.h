/*
 * A compressed stream somewhere inside an executable, inflated as it comes by
 * once somebody has told where it begins.
 */
#ifndef DEFLATED_H
#define DEFLATED_H

#include "common/buf.h"
#include "common/inflate.h"
#include "common/window.h"

/* All zeros before the first use. */
struct deflated {
	struct inflate_one *z;
	struct buf text;	/* what it holds */
	bool open;		/* it is being inflated ... */
	uint64_t next;		/* ... and this offset comes next */
	bool found;		/* it has ended; nothing more is looked for */
	int error;		/* found, but: */
	struct diag why;
};

/* The first bytes that a stream beginning with ${from} gives, ${n} at most, to
 * *${ret}; how many. */
size_t deflated_peek(struct deflated *, enum inflate_wrap wrap, struct str from,
    uint8_t *ret, size_t n);
/* Such a stream begins at offset ${at}: inflate it, up to ${max} bytes.  Only
 * after a peek, and when none is open. */
void deflated_begin(struct deflated *, uint64_t at, size_t max);
/* Take what ${t} holds of it, if one is open. */
void deflated_feed(struct deflated *, const struct stretch *t);
/* 1 with all of ${text}, 0 when there was none, or what was wrong with ${what}. */
int deflated_end(const struct deflated *, const char *what, struct diag *);
void deflated_done(struct deflated *);

#endif

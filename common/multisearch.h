/*
 * Looking for several fixed texts in one pass over the bytes: what that costs
 * does not depend on how many there are.  The texts are told once a file; a
 * search is plain memory, of which threads may share what is no longer changed.
 */
#ifndef MULTISEARCH_H
#define MULTISEARCH_H

#include "window.h"

#define MULTISEARCH_TEXTS 16
/* Of a text, at its beginning: by these a place is chosen to be compared. */
#define MULTISEARCH_FIRST 3

/* All zeros before the first text. */
struct multisearch {
	struct str text[MULTISEARCH_TEXTS];
	size_t n;
	/* For each of the first bytes of a place the texts, k % 8 their bit, that
	 * may have it there; the second by halves of the byte, which lets through
	 * some more. */
	uint8_t byte[MULTISEARCH_FIRST][256];
	uint8_t half[MULTISEARCH_FIRST][2][16];
};

/* A place where a text stands; { .at = t->from } to begin with. */
struct multisearch_find {
	size_t at;		/* position in the stretch */
	size_t text;		/* number of the text, in the order of adding */
	size_t next;		/* texts that were tried there */
};

/* One more text, of 1 to WINDOW_AFTER bytes, which stays the caller's.  There
 * may be MULTISEARCH_TEXTS, equal ones too. */
void multisearch_add(struct multisearch *, struct str text);

/**
 * multisearch_next(m, t, f):
 * The next place in ${t}, in order of position and then of number, behind the
 * one that *${f} is: true, with *${f} moved there; false when no further text
 * begins in [t->from, t->to).
 */
bool multisearch_next(const struct multisearch *m, const struct stretch *t,
    struct multisearch_find *f);

#endif

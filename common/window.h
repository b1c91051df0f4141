/*
 * Looking for something in a file that comes in pieces: every position is
 * looked at once, with what stands before and behind it in one place, however
 * the pieces are cut.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "str.h"

/* Bytes that are there before and behind each position, unless the file begins
 * or ends. */
#define WINDOW_BEFORE 128
#define WINDOW_AFTER 1152
#define WINDOW_KEEP (WINDOW_BEFORE + WINDOW_AFTER)

struct window {
	uint8_t keep[2 * WINDOW_KEEP];	/* the last bytes, and room for the next */
	size_t n;		/* of them */
	uint64_t end;		/* offset behind them: of the next piece */
	uint64_t next;		/* the first position not looked at yet */
	uint8_t step;		/* of one piece: joined, alone, done */
};

/* A stretch of the file: look for what begins at [from, to) of ${s}. */
struct stretch {
	struct str s;
	uint64_t at;		/* offset of s.p[0] in the file */
	size_t from, to;
};

/**
 * window_next(w, piece, last, ret):
 * The next stretch (zeroed ${w} before the first piece); to be called with the
 * same ${piece} until it says false, then with the next one.  ${last}: nothing
 * follows (with an empty piece, too).
 */
bool window_next(struct window *w, struct str piece, bool last,
    struct stretch *ret);

/* Only the positions inside [offset, offset + size) of the file. */
struct stretch stretch_clip(struct stretch s, uint64_t offset, uint64_t size);

/* Position of ${what} (${n} bytes) beginning at or behind ${from}, s->to when
 * there is none before that. */
size_t stretch_find(const struct stretch *s, size_t from, const void *what,
    size_t n);

#endif

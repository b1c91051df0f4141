/*
 * A piece gives up to two stretches: what was kept joined with the beginning of
 * the piece, then the piece itself where it is long enough.
 */
#include <assert.h>
#include "window.h"

enum { JOINED, ALONE, DONE };

static size_t
least(uint64_t a, uint64_t b)
{
	return ((size_t)(a < b ? a : b));
}

/* Positions of the file [next, until) as those of ${s}, which begins at ${at}. */
static bool
look(struct window *w, struct str s, uint64_t at, uint64_t until,
    struct stretch *ret)
{
	if (until <= w->next)
		return (false);
	*ret = (struct stretch) { s, at, (size_t)(w->next - at),
	    (size_t)(until - at) };
	w->next = until;
	return (true);
}

/* The end of the positions that have enough behind them. */
static uint64_t
until(uint64_t end, bool last)
{
	return (last ? end : end > WINDOW_AFTER ? end - WINDOW_AFTER : 0);
}

static void
keep_end(struct window *w, struct str piece)
{
	struct str tail = str_sub(piece, piece.n - least(piece.n, WINDOW_KEEP),
	    piece.n);
	size_t old = least(w->n, WINDOW_KEEP - tail.n);

	if (old > 0)
		memmove(w->keep, w->keep + w->n - old, old);
	if (tail.n > 0)
		memcpy(w->keep + old, tail.p, tail.n);
	w->n = old + tail.n;
	w->end += piece.n;
}

bool
window_next(struct window *w, struct str piece, bool last, struct stretch *ret)
{
	uint64_t begin = w->end - w->n, end = w->end + piece.n;
	size_t n = least(piece.n, WINDOW_KEEP);

	if (w->step == JOINED) {
		w->step = ALONE;
		if (n > 0)
			memcpy(w->keep + w->n, piece.p, n);
		if (look(w, str_n(w->keep, w->n + n), begin, until(w->end + n,
		    last && n == piece.n), ret))
			return (true);
	}
	if (w->step == ALONE) {
		w->step = DONE;
		if (n < piece.n && look(w, piece, w->end, until(end, last), ret))
			return (true);
	}
	w->step = JOINED;
	keep_end(w, piece);
	return (false);
}

struct stretch
stretch_clip(struct stretch s, uint64_t offset, uint64_t size)
{
	uint64_t from = s.at + s.from, to = s.at + s.to;
	uint64_t end = size < UINT64_MAX - offset ? offset + size : UINT64_MAX;

	if (offset > from)
		from = offset < to ? offset : to;
	if (end < to)
		to = end > from ? end : from;
	s.from = (size_t)(from - s.at);
	s.to = (size_t)(to - s.at);
	return (s);
}

size_t
stretch_find(const struct stretch *s, size_t from, const void *what, size_t n)
{
	size_t reach = s->to - 1 + n < s->s.n ? s->to - 1 + n : s->s.n;
	const char *at;

	assert(n > 0 && n <= WINDOW_AFTER);
	if (from >= s->to || from + n > reach)
		return (s->to);
	at = memmem(s->s.p + from, reach - from, what, n);
	return (at != NULL ? (size_t)(at - s->s.p) : s->to);
}

/* See deflated.h. */
#include "common/format/exe.h"
#include "deflated.h"

size_t
deflated_peek(struct deflated *s, enum inflate_wrap wrap, struct str from,
    uint8_t *ret, size_t n)
{
	if (s->z == NULL)
		s->z = inflate_one_new(wrap);
	return (inflate_one_peek(s->z, cur_str(from), ret, n));
}

void
deflated_begin(struct deflated *s, uint64_t at, size_t max)
{
	inflate_one_reset(s->z);
	buf_init(&s->text, max);
	s->open = true;
	s->next = at;
}

void
deflated_feed(struct deflated *s, const struct stretch *t)
{
	struct exe_bytes b = exe_clip((struct exe_bytes) { t->s, t->at },
	    s->next, UINT64_MAX - s->next);
	struct cur c = cur_str(b.s);
	int rc;

	if (!s->open || b.at != s->next || b.s.n == 0)
		return;
	s->next += b.s.n;
	if ((rc = inflate_one_push(s->z, &c, &s->text, &s->why)) == 0)
		return;
	s->open = false;
	s->found = true;
	s->error = rc < 0 ? rc : 0;
}

int
deflated_end(const struct deflated *s, const char *what, struct diag *d)
{
	if (s->open)
		return (diag_set(d, ERR_MALFORMED, s->next,
		    "%s: the stream ends early", what));
	if (s->error < 0)
		return (diag_set(d, s->error, s->next, "%s: %s", what,
		    s->why.text));
	return (s->found);
}

void
deflated_done(struct deflated *s)
{
	inflate_one_free(s->z);
	if (s->text.max != 0)
		buf_done(&s->text);
}

/* What is left over moves to the front at each call: it is one paragraph. */
#include "common/limits.h"
#include "paragraphs.h"

/* Behind the last empty line of ${s} that ends after ${from}; 0 = there is none. */
static size_t
last_end(struct str s, size_t from)
{
	for (size_t i = s.n; i > from && i > 1; i--)
		if (s.p[i - 1] == '\n' && (s.p[i - 2] == '\n' || (i > 2 &&
		    s.p[i - 2] == '\r' && s.p[i - 3] == '\n')))
			return (i);
	return (0);
}

int
paragraphs_add(struct paragraphs *p, struct cur piece, struct cur *ret,
    struct diag *d)
{
	struct buf *b = &p->kept;

	if (b->max == 0)
		buf_init(b, LIMIT_FILE_WHOLE);
	if (p->given > 0) {
		memmove(b->p, b->p + p->given, b->n - p->given);
		b->n -= p->given;
		p->given = 0;
		p->searched = 0;
	}
	if (buf_str(b, cur_rest(&piece)) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "a record is longer than %zu "
		    "bytes", (size_t)LIMIT_FILE_WHOLE));
	p->given = last_end(buf_view(b), p->searched);
	p->searched = b->n;
	*ret = cur_of(b->p, p->given);
	return (0);
}

struct cur
paragraphs_rest(const struct paragraphs *p)
{
	return (cur_str(str_sub(buf_view(&p->kept), p->given, p->kept.n)));
}

void
paragraphs_done(struct paragraphs *p)
{
	buf_done(&p->kept);
}

/* Bounded reading. */
#include "cur.h"

size_t
cur_left(const struct cur *c)
{
	return ((size_t)(c->end - c->p));
}

/* Where ${n} bytes end that are there.  An empty cursor may be NULL, to which
 * nothing may be added, not even 0. */
static const uint8_t *
behind(const struct cur *c, size_t n)
{
	return (n != 0 ? c->p + n : c->p);
}

/* ${n} <= 8 bytes as an integer, most significant first when ${be}. */
static bool
get(struct cur *c, size_t n, bool be, uint64_t *ret)
{
	uint64_t v = 0;

	if (cur_left(c) < n)
		return (false);
	for (size_t i = 0; i < n; i++)
		v = v << 8 | c->p[be ? i : n - 1 - i];
	c->p += n;
	*ret = v;
	return (true);
}

#define GETTER(name, type, bytes, be)			\
	bool						\
	name(struct cur *c, type *ret)			\
	{						\
		uint64_t v;				\
							\
		if (!get(c, bytes, be, &v))		\
			return (false);			\
		*ret = (type)v;				\
		return (true);				\
	}

GETTER(cur_u8, uint8_t, 1, true)
GETTER(cur_u16be, uint16_t, 2, true)
GETTER(cur_u32be, uint32_t, 4, true)
GETTER(cur_u64be, uint64_t, 8, true)
GETTER(cur_u16le, uint16_t, 2, false)
GETTER(cur_u32le, uint32_t, 4, false)
GETTER(cur_u64le, uint64_t, 8, false)

bool
cur_skip(struct cur *c, size_t n)
{
	if (cur_left(c) < n)
		return (false);
	c->p = behind(c, n);
	return (true);
}

bool
cur_take(struct cur *c, size_t n, struct cur *ret)
{
	if (cur_left(c) < n)
		return (false);
	*ret = (struct cur) { c->p, behind(c, n) };
	c->p = ret->end;
	return (true);
}

bool
cur_take_str(struct cur *c, size_t n, struct str *ret)
{
	if (cur_left(c) < n)
		return (false);
	*ret = str_n(c->p, n);
	c->p = behind(c, n);
	return (true);
}

bool
cur_line(struct cur *c, struct str *ret)
{
	struct str rest = cur_rest(c);
	size_t at;

	if (rest.n == 0)
		return (false);
	at = str_find(rest, '\n');
	c->p += at < rest.n ? at + 1 : at;
	*ret = str_sub(rest, 0, at);
	if (ret->n > 0 && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return (true);
}

struct str
cur_rest(const struct cur *c)
{
	return (str_n(c->p, cur_left(c)));
}

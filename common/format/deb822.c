/* See deb822.h. */
#include "deb822.h"

/* dpkg ends a stanza at a line of only blanks too. */
static bool
is_blank(struct str line)
{
	return (str_trim(line).n == 0);
}

static bool
is_continuation(struct str line)
{
	return (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t') &&
	    !is_blank(line));
}

bool
deb822_begin(struct cur *c)
{
	struct cur next = *c;
	struct str line;

	while (cur_line(&next, &line)) {
		if (!is_blank(line))
			return (true);
		*c = next;
	}
	return (false);
}

bool
deb822_next(struct cur *c, struct deb822_field *ret)
{
	struct cur start, before, next;
	struct str line, whole;
	size_t colon;

	for (;;) {
		start = *c;
		if (!cur_line(c, &line) || is_blank(line))
			return (false);
		colon = str_find(line, ':');
		if (is_continuation(line) || colon == line.n || colon == 0)
			continue;
		break;
	}
	for (before = *c; cur_line(c, &line) && is_continuation(line); )
		before = *c;
	*c = before;
	next = start;
	if (!cur_take_str(&next, cur_left(&start) - cur_left(c), &whole))
		return (false);
	ret->name = str_trim(str_sub(whole, 0, colon));
	ret->value = str_trim(str_sub(whole, colon + 1, whole.n));
	return (true);
}

struct str
deb822_first_line(struct str value)
{
	return (str_trim(str_sub(value, 0, str_find(value, '\n'))));
}

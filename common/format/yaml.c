/* See yaml.h.  Specification: yaml.org, 1.2.2, chapters 7 and 8. */
#include "yaml.h"

struct str
yaml_unquote(struct str s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') &&
	    s.p[s.n - 1] == s.p[0])
		return (str_sub(s, 1, s.n - 1));
	return (s);
}

/* Offset behind the quoted scalar that ${s} begins with, s.n when it does not
 * end on this line. */
static size_t
quoted(struct str s)
{
	size_t i;

	for (i = 1; i < s.n; i++) {
		if (s.p[0] == '"' && s.p[i] == '\\')
			i++;
		else if (s.p[i] == s.p[0])
			return (i + 1);
	}
	return (s.n);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* Offset of the ':' that ends a key, or s.n. */
static size_t
key_end(struct str s)
{
	size_t i = 0;

	if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
		i = quoted(s);
		return (i < s.n && s.p[i] == ':' ? i : s.n);
	}
	if (s.n > 0 && (s.p[0] == '{' || s.p[0] == '['))
		return (s.n);
	for (; i < s.n; i++)
		if (s.p[i] == ':' && (i + 1 == s.n || is_blank(s.p[i + 1])))
			return (i);
	return (s.n);
}

/* Without a comment: a '#' after a blank, outside quotes. */
static struct str
scalar(struct str s)
{
	size_t i = 0;

	s = str_trim(s);
	if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
		i = quoted(s);
		return (yaml_unquote(str_sub(s, 0, i)));
	}
	for (; i < s.n; i++)
		if (s.p[i] == '#' && (i == 0 || is_blank(s.p[i - 1])))
			break;
	return (str_trim(str_sub(s, 0, i)));
}

bool
yaml_next(struct cur *c, struct yaml_line *ret)
{
	struct str line;
	size_t at, end;

	while (cur_line(c, &line)) {
		*ret = (struct yaml_line) { .indent = 0 };
		for (at = 0; at < line.n && line.p[at] == ' '; at++)
			;
		line = str_sub(line, at, line.n);
		if (str_trim(line).n == 0 || line.p[0] == '#' ||
		    (at == 0 && (str_starts(line, "---") ||
		    str_starts(line, "..."))))
			continue;
		while (str_starts(line, "- ")) {
			ret->item = true;
			for (end = 2; end < line.n && line.p[end] == ' '; end++)
				;
			at += end;
			line = str_sub(line, end, line.n);
		}
		ret->indent = at;
		end = key_end(line);
		if (end < line.n) {
			ret->key = yaml_unquote(str_trim(str_sub(line, 0, end)));
			line = str_sub(line, end + 1, line.n);
		}
		ret->value = scalar(line);
		return (true);
	}
	return (false);
}

/* See toml.h.  Specification: toml.io, v1.0.0. */
#include "toml.h"

static bool
starts(const struct cur *c, const char *s)
{
	return (str_starts(cur_rest(c), s));
}

static void
skip(struct cur *c, size_t n)
{
	if (!cur_skip(c, n))
		*c = cur_of(NULL, 0);
}

static void
skip_line(struct cur *c)
{
	struct str line;

	if (!cur_line(c, &line))
		*c = cur_of(NULL, 0);
}

static void
blanks(struct cur *c)
{
	while (starts(c, " ") || starts(c, "\t"))
		skip(c, 1);
}

/* Everything between ${from} and ${to}, a later place of the same text. */
static struct str
between(const struct cur *from, const struct cur *to)
{
	return (str_sub(cur_rest(from), 0, cur_left(from) - cur_left(to)));
}

/* The quotes of a string over several lines at ${c}, or NULL. */
static const char *
long_quotes(const struct cur *c)
{
	return (starts(c, "\"\"\"") ? "\"\"\"" : starts(c, "'''") ? "'''" : NULL);
}

/* Move past the string that *${c} begins with; false if it does not end.  One
 * that is not ${multi} ends on its line. */
static bool
string(struct cur *c, bool multi, struct str *ret)
{
	const char *quote = multi ? long_quotes(c) : NULL;
	bool basic = starts(c, "\"");
	struct cur from;
	uint8_t b;

	multi = quote != NULL;
	if (!multi)
		quote = basic ? "\"" : "'";
	skip(c, strlen(quote));
	for (from = *c; !starts(c, quote); ) {
		if (!cur_u8(c, &b) || (!multi && b == '\n'))
			return (false);
		if (basic && b == '\\')
			skip(c, cur_left(c) > 0);
	}
	*ret = between(&from, c);
	skip(c, strlen(quote));
	/* up to two quotes before the closing three are content */
	for (int i = 0; multi && i < 2 && starts(c, basic ? "\"" : "'"); i++) {
		ret->n++;
		skip(c, 1);
	}
	return (true);
}

/* Move past the array or inline table that *${c} begins with. */
static bool
nested(struct cur *c, struct str *ret)
{
	struct cur from = *c;
	size_t depth = 0;
	struct str s;
	uint8_t b;

	do {
		if (starts(c, "\"") || starts(c, "'")) {
			if (!string(c, true, &s))
				return (false);
			continue;
		}
		if (starts(c, "#")) {
			skip_line(c);
			continue;
		}
		if (!cur_u8(c, &b))
			return (false);
		if (b == '[' || b == '{')
			depth++;
		else if (b == ']' || b == '}')
			depth--;
	} while (depth > 0);
	*ret = between(&from, c);
	return (true);
}

/* A name up to ${end} on this line, quoted parts and all. */
static bool
name(struct cur *c, const char *end, struct str *ret)
{
	struct cur from = *c;
	struct str s;
	uint8_t b;

	while (!starts(c, end)) {
		if (starts(c, "\"") || starts(c, "'")) {
			if (!string(c, false, &s))
				return (false);
		} else if (starts(c, "\n") || !cur_u8(c, &b)) {
			return (false);
		}
	}
	*ret = str_trim(between(&from, c));
	skip(c, 1);
	return (ret->n > 0);
}

/* NO_ITEM: the next line may be good.  NO_END: a value runs to the end of the
 * document, which is not looked for again from every line in it. */
enum found { FOUND, NO_ITEM, NO_END };

static enum found
pair(struct cur *c, struct toml_item *ret)
{
	struct str line;
	struct cur at;

	ret->kind = TOML_PAIR;
	if (!name(c, "=", &ret->name))
		return (NO_ITEM);
	blanks(c);
	at = *c;
	if (starts(c, "\"") || starts(c, "'")) {
		ret->string = true;
		if (string(c, true, &ret->value))
			return (FOUND);
		return (long_quotes(&at) != NULL ? NO_END : NO_ITEM);
	}
	if (starts(c, "[") || starts(c, "{"))
		return (nested(c, &ret->value) ? FOUND : NO_END);
	if (!cur_line(&at, &line))
		return (NO_ITEM);
	ret->value = str_trim(str_sub(line, 0, str_find(line, '#')));
	return (ret->value.n > 0 ? FOUND : NO_ITEM);
}

static enum found
table(struct cur *c, struct toml_item *ret)
{
	ret->kind = starts(c, "[[") ? TOML_TABLE_ITEM : TOML_TABLE;
	skip(c, ret->kind == TOML_TABLE_ITEM ? 2 : 1);
	return (name(c, "]", &ret->name) ? FOUND : NO_ITEM);
}

bool
toml_next(struct toml *t, struct toml_item *ret)
{
	enum found found;
	struct cur at;

	while (cur_left(&t->c) > 0) {
		blanks(&t->c);
		*ret = (struct toml_item) { .kind = TOML_PAIR };
		if (starts(&t->c, "#") || starts(&t->c, "\n") ||
		    starts(&t->c, "\r\n") || cur_left(&t->c) == 0) {
			skip_line(&t->c);
			continue;
		}
		at = t->c;
		found = starts(&at, "[") ? table(&at, ret) : pair(&at, ret);
		if (found == FOUND)
			t->c = at;
		else
			t->broken = true;
		if (found == NO_END)
			t->c = cur_of(NULL, 0);
		skip_line(&t->c);
		if (found == FOUND)
			return (true);
	}
	return (false);
}

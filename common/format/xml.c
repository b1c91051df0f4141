/* See xml.h.  Every step moves forward, so a document costs its length. */
#include "xml.h"

void
xml_init(struct xml *x, struct cur c)
{
	*x = (struct xml) { .c = c };
}

/* What precedes ${mark}, which is passed; false, with everything taken, when
 * it does not come. */
static bool
until(struct cur *c, const char *mark, struct str *ret)
{
	struct str rest = cur_rest(c);
	size_t n = strlen(mark);
	const char *at = rest.n > 0 ? memmem(rest.p, rest.n, mark, n) : NULL;
	size_t before = at != NULL ? (size_t)(at - rest.p) : rest.n;

	*ret = str_sub(rest, 0, before);
	return (cur_skip(c, at != NULL ? before + n : before) && at != NULL);
}

/* The end of a tag: ">" outside of quotes. */
static struct str
tag(struct cur *c)
{
	struct str rest = cur_rest(c);
	char quote = 0;
	size_t i;

	for (i = 0; i < rest.n && (quote != 0 || rest.p[i] != '>'); i++)
		if (quote != 0)
			quote = rest.p[i] == quote ? 0 : quote;
		else if (rest.p[i] == '"' || rest.p[i] == '\'')
			quote = rest.p[i];
	(void)!cur_skip(c, i < rest.n ? i + 1 : i);
	return (str_sub(rest, 0, i));
}

static struct str
name_of(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && memchr(" \t\r\n/", s.p[i], 5) == NULL; i++)
		;
	return (str_sub(s, 0, i));
}

int
xml_next(struct xml *x, struct xml_event *ret, struct diag *d)
{
	struct str s, skipped;

	if (x->closes) {
		x->closes = false;
		*ret = (struct xml_event) { .kind = XML_END,
		    .text = x->name };
		return (1);
	}
	while (cur_left(&x->c) > 0) {
		s = cur_rest(&x->c);
		if (s.p[0] != '<') {
			s = str_sub(s, 0, str_find(s, '<'));
			(void)!cur_skip(&x->c, s.n);
			*ret = (struct xml_event) { .kind = XML_TEXT,
			    .text = s };
			return (1);
		}
		if (str_starts(s, "<![CDATA[")) {
			(void)!cur_skip(&x->c, 9);
			(void)until(&x->c, "]]>", &s);
			*ret = (struct xml_event) { .kind = XML_TEXT,
			    .text = s };
			return (1);
		}
		if (str_starts(s, "<!--")) {
			(void)!cur_skip(&x->c, 4);
			(void)until(&x->c, "-->", &skipped);
			continue;
		}
		if (str_starts(s, "<?")) {
			(void)until(&x->c, "?>", &skipped);
			continue;
		}
		if (str_starts(s, "<!"))
			return (diag_set(d, ERR_UNSUPPORTED, 0,
			    "xml: a document type is not read"));
		(void)!cur_skip(&x->c, 1);
		s = tag(&x->c);
		if (str_starts(s, "/")) {
			*ret = (struct xml_event) { .kind = XML_END,
			    .text = name_of(str_sub(s, 1, s.n)) };
			return (1);
		}
		x->name = name_of(s);
		x->closes = str_ends(s, "/");
		*ret = (struct xml_event) { .kind = XML_START,
		    .text = x->name, .attributes = str_sub(s, x->name.n,
		    s.n) };
		return (1);
	}
	return (0);
}

struct str
xml_attribute(const struct xml_event *e, const char *name)
{
	struct str rest = e->attributes, key, value;
	size_t at;

	while ((at = str_find(rest, '=')) < rest.n) {
		key = str_trim(str_sub(rest, 0, at));
		rest = str_trim(str_sub(rest, at + 1, rest.n));
		if (rest.n < 2 || (rest.p[0] != '"' && rest.p[0] != '\''))
			break;
		value = str_sub(rest, 1, rest.n);
		at = str_find(value, rest.p[0]);
		if (str_eqz(key, name))
			return (str_sub(value, 0, at));
		rest = str_sub(value, at + 1, value.n);
	}
	return ((struct str) { NULL, 0 });
}

struct str
xml_local(struct str name)
{
	size_t at = str_find(name, ':');

	return (at < name.n ? str_sub(name, at + 1, name.n) : name);
}

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
		*ret = (struct xml_event) { XML_END, x->name };
		return (1);
	}
	while (cur_left(&x->c) > 0) {
		s = cur_rest(&x->c);
		if (s.p[0] != '<') {
			s = str_sub(s, 0, str_find(s, '<'));
			(void)!cur_skip(&x->c, s.n);
			*ret = (struct xml_event) { XML_TEXT, s };
			return (1);
		}
		if (str_starts(s, "<![CDATA[")) {
			(void)!cur_skip(&x->c, 9);
			(void)until(&x->c, "]]>", &s);
			*ret = (struct xml_event) { XML_TEXT, s };
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
			*ret = (struct xml_event) { XML_END,
			    name_of(str_sub(s, 1, s.n)) };
			return (1);
		}
		x->name = name_of(s);
		x->closes = str_ends(s, "/");
		*ret = (struct xml_event) { XML_START, x->name };
		return (1);
	}
	return (0);
}

/*
 * Whose document is that?  By its structure, never by a text anywhere in it: JSON by
 * where its members stand, XML by its root element, all else by how a line begins.
 */
#include "feed.h"

/* Members deeper than this tell no kind apart. */
#define DEPTH 5

/* Where a walk through JSON is: of each object around it the key, of each array
 * none. */
struct place {
	struct str key[DEPTH];
	size_t depth;
};

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.n && is_blank(s.p[at]))
		at++;
	return (at);
}

/* Is the member at ${p} what ${path} means: "data.*.cpes", where "*" is any key? */
static bool
is_at(const struct place *p, struct str path)
{
	struct str part;
	size_t i = 0;

	while (str_split(&path, '.', &part)) {
		if (i == p->depth || p->key[i].p == NULL ||
		    (!str_eqz(part, "*") && !str_eq(part, p->key[i])))
			return (false);
		i++;
	}
	return (i == p->depth);
}

/* The importer that has a member at ${p}: *${any} when its path does not name every
 * key, so that another's may be at the same place. */
static const struct feed_importer *
of_member(const struct place *p, bool *any)
{
	const struct feed_importer *f;
	struct str marks, path;

	for (size_t i = 0; (f = feed_at(i)) != NULL; i++) {
		marks = str_of(f->mark);
		if (str_starts(marks, "<") || str_starts(marks, "\n"))
			continue;
		while (str_split(&marks, ' ', &path))
			if (is_at(p, path)) {
				*any = str_find(path, '*') < path.n;
				return (f);
			}
	}
	return (NULL);
}

/* Behind the string whose quote is at ${at}. */
static size_t
end_of_string(struct str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		at += s.p[at] == '\\';
	return (at < s.n ? at + 1 : s.n);
}

/* Does a ":" stand at ${at}, behind a string? */
static bool
is_key(struct str s, size_t at)
{
	at = skip_blanks(s, at);
	return (at < s.n && s.p[at] == ':');
}

/* What stands behind the first ${end}. */
static struct str
behind(struct str s, const char *end)
{
	const char *p = memmem(s.p, s.n, end, strlen(end));

	return (p != NULL ? str_sub(s, (size_t)(p - s.p) + strlen(end), s.n) :
	    (struct str) { NULL, 0 });
}

/* By the first member at the top that only one kind has, else by the first that is
 * where a kind has it under any key; NULL = no kind has any. */
static const struct feed_importer *
of_json(struct str s)
{
	const struct feed_importer *found = NULL, *f;
	struct place p = { .depth = 0 };
	bool any = false;
	size_t end;

	for (size_t i = 0; i < s.n; i = end) {
		end = i + 1;
		if (s.p[i] == '{' || s.p[i] == '[') {
			if (p.depth < DEPTH)
				p.key[p.depth] = (struct str) { NULL, 0 };
			p.depth++;
		} else if (s.p[i] == '}' || s.p[i] == ']') {
			p.depth -= p.depth > 0;
		} else if (s.p[i] == '"') {
			end = end_of_string(s, i);
			if (p.depth == 0 || p.depth > DEPTH ||
			    (found != NULL && p.depth > 1) || !is_key(s, end))
				continue;
			p.key[p.depth - 1] = str_sub(s, i + 1, end - 1);
			if ((f = of_member(&p, &any)) != NULL && !any)
				return (f);
			found = found != NULL ? found : f;
		}
	}
	return (found);
}

/* The name of the root element, without its prefix; a document type states it, too. */
static struct str
root_of(struct str s)
{
	static const char doctype[] = "<!DOCTYPE ";
	struct str name;
	size_t n = 0;

	for (;;) {
		s = str_sub(s, skip_blanks(s, 0), s.n);
		if (!str_starts(s, "<?") && !str_starts(s, "<!--"))
			break;
		s = behind(s, str_starts(s, "<?") ? "?>" : "-->");
	}
	if (str_starts(s, doctype))
		s = str_sub(s, sizeof(doctype) - 1, s.n);
	else if (str_starts(s, "<"))
		s = str_sub(s, 1, s.n);
	while (n < s.n && !is_blank(s.p[n]) && strchr("<>/[", s.p[n]) == NULL)
		n++;
	name = str_sub(s, 0, n);
	n = str_find(name, ':');
	return (n < name.n ? str_sub(name, n + 1, name.n) : name);
}

static const struct feed_importer *
of_xml(struct str s)
{
	const struct feed_importer *f;
	struct str root = root_of(s);

	for (size_t i = 0; (f = feed_at(i)) != NULL; i++)
		if (f->mark[0] == '<' && str_eqz(root, f->mark + 1))
			return (f);
	return (NULL);
}

static const struct feed_importer *
of_lines(struct str s)
{
	const struct feed_importer *f;

	for (size_t i = 0; (f = feed_at(i)) != NULL; i++)
		if (f->mark[0] == '\n' && (str_starts(s, f->mark + 1) ||
		    memmem(s.p, s.n, f->mark, strlen(f->mark)) != NULL))
			return (f);
	return (NULL);
}

const struct feed_importer *
feed_of_document(struct str bytes)
{
	const struct feed_importer *f;

	if (str_starts(bytes, "\xef\xbb\xbf"))
		bytes = str_sub(bytes, 3, bytes.n);
	bytes = str_sub(bytes, skip_blanks(bytes, 0), bytes.n);
	if (bytes.n == 0)
		return (&feed_osv);
	if (bytes.p[0] == '<')
		f = of_xml(bytes);
	else if (bytes.p[0] == '{' || bytes.p[0] == '[')
		f = of_json(bytes);
	else
		f = of_lines(bytes);
	return (f != NULL ? f : &feed_osv);
}

/*
 * composer: installed PHP packages.  Format: vendor/composer/installed.json of
 * Composer 1 and 2.  Composer takes an object for a list, whatever its keys.
 * Where vendor-dir is renamed, the folder composer/ stays.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "composer.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "installed.json") &&
	    str_eqz(where_folder(f->path), "composer") &&
	    !where_is_sample(f->path));
}

/* A list of packages, each with its name first; or what Composer 2 puts around it. */
static bool
looks(struct str head)
{
	struct str s = str_trim(head), rest;
	bool object = str_starts(s, "{");

	if (!object && !str_starts(s, "["))
		return (false);
	rest = str_trim(str_sub(s, 1, s.n));
	if (object && str_starts(rest, "\"packages\""))
		return (true);
	return (str_starts(rest, "{") &&
	    str_starts(str_trim(str_sub(rest, 1, rest.n)), "\"name\""));
}

static bool
is_letter(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
}

static int
by_name(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* The texts of ${list}, sorted; the caller frees them. */
static struct str *
sorted(const struct json *list)
{
	struct str *s = mem_array(json_len(list) + 1, sizeof(*s));

	for (size_t i = 0; i < json_len(list); i++)
		s[i] = json_str(json_at(list, i));
	qsort(s, json_len(list), sizeof(*s), by_name);
	return (s);
}

int
composer_json(struct str json, struct analyzer_out *out, struct diag *d)
{
	const struct json *list, *dev, *e;
	struct json_place at = { 0 };
	struct str *dev_names = NULL;
	struct json *j = NULL;
	struct package p;
	int rc;

	if ((rc = json_parse_file(json, LIMIT_JSON_FILE, &j, d)) < 0)
		goto out;
	list = json_get(j, "packages") != NULL ? json_get(j, "packages") : j;
	if (!json_is_array(list) && !json_is_object(list)) {
		rc = diag_set(d, ERR_MALFORMED, 0, "no list of packages");
		goto out;
	}
	dev = json_get(j, "dev-package-names");
	dev_names = sorted(dev);
	while (rc == 0 && json_next_value(list, &at, &e)) {
		p = (struct package) { .type = STR_LIT("composer"),
		    .name = json_get_str(e, "name"),
		    .version = json_get_str(e, "version") };
		if (bsearch(&p.name, dev_names, json_len(dev),
		    sizeof(p.name), by_name) != NULL)
			p.scope = str_of("dev");
		if (p.name.n > 0)
			rc = analyzer_package(out, &p, d);
	}
out:
	free(dev_names);
	json_free(j);
	return (rc);
}

/* ------------------------------------------------------- installed.php -- */

/* Arrays inside each other: the list is one of three. */
#define DEPTH 8

struct php {
	struct str s;
	size_t at;
};

/* What counts of PHP: "'" with a ${text}, "(" and ")" of arrays, ">" for an arrow,
 * "w" for a word in ${text}, "," for whatever else stands between; 0 at the end. */
static char
token(struct php *p, struct str *text)
{
	static const char blanks[] = " \t\r\n";
	struct str s = p->s;
	size_t from;
	char c;

	while (p->at < s.n && memchr(blanks, s.p[p->at], 4) != NULL)
		p->at++;
	if (p->at == s.n)
		return (0);
	from = p->at;
	c = s.p[p->at++];
	if (c == '\'') {
		for (; p->at < s.n && s.p[p->at] != '\''; p->at++)
			if (s.p[p->at] == '\\')
				p->at++;
		if (p->at >= s.n)	/* it has no end */
			return (0);
		*text = str_sub(s, from + 1, p->at++);
		return ('\'');
	}
	if (c == '=' && p->at < s.n && s.p[p->at] == '>') {
		p->at++;
		return ('>');
	}
	if (c == '(' || c == '[')
		return ('(');
	if (c == ')' || c == ']')
		return (')');
	if (!is_letter(c))
		return (',');
	while (p->at < s.n && is_letter(s.p[p->at]))
		p->at++;
	*text = str_sub(s, from, p->at);
	return ('w');
}

/* One of the list, as far as it was read. */
struct listed {
	struct package p;
	bool dev;
};

/* "KEY => 'TEXT'" or "KEY => WORD" of a package. */
static void
take(struct listed *l, struct str key, char kind, struct str value)
{
	if (kind == '\'' && str_eqz(key, "pretty_version"))
		l->p.version = value;
	else if (kind == 'w' && str_eqz(key, "dev_requirement"))
		l->dev = str_eqz(value, "true");
}

int
composer_php(struct str php, struct analyzer_out *out, struct diag *d)
{
	struct php p = { php, 0 };
	struct str key[DEPTH] = { { NULL, 0 } }, text = { NULL, 0 };
	struct listed l = { .dev = false };
	bool list = false, arrow = false;
	size_t depth = 0;
	int rc = 0;
	char t;

	while (rc == 0 && (t = token(&p, &text)) != 0) {
		if (t == '(') {
			if (++depth == DEPTH)
				return (diag_set(d, ERR_MALFORMED, p.at,
				    "arrays inside each other"));
			key[depth] = (struct str) { NULL, 0 };
			if (depth == 2 && str_eqz(key[1], "versions"))
				list = true;
			if (depth == 3)
				l = (struct listed) { .p.name = key[2] };
		} else if (t == ')') {
			if (depth == 0)
				break;
			/* what is replaced or provided has no version; the
			   project, if nobody named it, no vendor */
			if (depth == 3 && str_eqz(key[1], "versions") &&
			    l.p.version.n > 0 && str_find(l.p.name, '/') <
			    l.p.name.n) {
				l.p.type = str_of("composer");
				l.p.scope = str_of(l.dev ? "dev" : "");
				rc = analyzer_package(out, &l.p, d);
			}
			depth--;
		} else if (depth == 3 && arrow) {
			take(&l, key[3], t, text);
		} else if (t == '\'' && !arrow) {
			key[depth] = text;
		}
		arrow = t == '>';
	}
	if (rc == 0 && (depth > 0 || !list))
		rc = diag_set(d, ERR_MALFORMED, p.at, list ?
		    "a list of packages ends early" : "no list of packages");
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	(void)f;
	return (composer_json(cur_rest(&c), out, d));
}

const struct analyzer analyzer_composer = {
	.name = "composer",
	.revision = 2,
	.wants_revision = 3,
	.wants = wants,
	.looks = looks,
	.in_folder = true,
	.analyze = analyze,
};

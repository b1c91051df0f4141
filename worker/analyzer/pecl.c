/*
 * pecl: extensions and libraries that PHP's pear and pecl commands installed.
 * Format: <php_dir>/.registry/[.channel.CHANNEL/]NAME.reg (PEAR, Registry.php),
 * one array in the text of PHP's serialize().  Only scalars and arrays occur.
 */
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

/* PEAR's own files nest about 10 deep. */
#define NESTING 64

static bool
wants(const struct analyzer_file *f)
{
	return (str_ends(f->path, ".reg") && where_below(f->path, ".registry") &&
	    !where_is_sample(f->path));
}

/* One element: a scalar's text, or how many pairs an array has. */
struct element {
	bool array;
	struct str text;
	uint64_t pairs;
};

static bool
until(struct cur *c, char end, struct str *ret)
{
	size_t n = str_find(cur_rest(c), end);

	return (cur_take_str(c, n, ret) && cur_skip(c, 1));
}

static bool
expect(struct cur *c, const char *what)
{
	return (str_starts(cur_rest(c), what) && cur_skip(c, strlen(what)));
}

static bool
element(struct cur *c, struct element *ret)
{
	struct str count, text;
	uint64_t n;

	*ret = (struct element) { .array = false };
	if (expect(c, "N;"))
		return (true);
	if (expect(c, "i:") || expect(c, "d:") || expect(c, "b:"))
		return (until(c, ';', &ret->text));
	ret->array = str_starts(cur_rest(c), "a:");
	if ((!expect(c, "a:") && !expect(c, "s:")) ||
	    !until(c, ':', &count) || !str_u64(count, &n))
		return (false);
	if (ret->array) {
		ret->pairs = n;
		return (n <= cur_left(c) && expect(c, "{"));
	}
	if (n > cur_left(c) || !expect(c, "\"") ||
	    !cur_take_str(c, (size_t)n, &text) || !expect(c, "\";"))
		return (false);
	ret->text = text;
	return (true);
}

struct reg {
	struct str name, channel, version;
};

/* The scalar at key[0]..key[depth - 1]. */
static void
value(struct reg *r, const struct str *key, size_t depth, struct str text)
{
	if (depth == 1 && (str_eqz(key[0], "name") ||
	    str_eqz(key[0], "package")))	/* package.xml 2.0, 1.0 */
		r->name = text;
	else if (depth == 1 && str_eqz(key[0], "channel"))
		r->channel = text;
	else if (depth == 1 && str_eqz(key[0], "version"))
		r->version = text;
	else if (depth == 2 && str_eqz(key[0], "version") &&
	    str_eqz(key[1], "release"))
		r->version = text;
}

/* False when the text is no array, or ends early. */
static bool
reg_read(struct cur c, struct reg *r)
{
	struct str key[NESTING];
	uint64_t left[NESTING];		/* elements, keys and values */
	size_t depth = 0;
	struct element e;

	do {
		if (!element(&c, &e) || (depth == 0 && !e.array))
			return (false);
		if (depth > 0 && left[depth - 1]-- % 2 == 0) {
			if (e.array)
				return (false);
			key[depth - 1] = e.text;
		} else if (e.array) {
			if (depth == NESTING)
				return (false);
			key[depth] = str_of("");
			left[depth++] = e.pairs * 2;
		} else {
			value(r, key, depth, e.text);
		}
		while (depth > 0 && left[depth - 1] == 0) {
			if (!expect(&c, "}"))
				return (false);
			depth--;
		}
	} while (depth > 0);
	return (true);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("pear") };
	struct reg r = { .name = STR_LIT("") };
	bool whole = reg_read(c, &r);
	int rc = 0;

	if (str_starts(r.channel, "pecl.") ||
	    str_starts(where_folder(f->path), ".channel.pecl."))
		p.type = str_of("pecl");
	p.name = r.name;
	p.version = r.version;
	if (p.name.n > 0)
		rc = analyzer_package(out, &p, d);
	if (rc == 0 && !whole)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "not the text of PHP's serialize()");
	return (rc);
}

const struct analyzer analyzer_pecl = {
	.name = "pecl",
	.revision = 1,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};

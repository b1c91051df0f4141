/*
 * lock_nuget: packages.lock.json (NuGet's documentation, "Locking
 * dependencies"; packages of all target frameworks), and packages.config, whose
 * <package id="" version=""/> elements are read one by one.
 */
#include "common/json.h"
#include "common/limits.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "packages.lock.json",
	    "packages.config", NULL };

	return (lock_is(f->path, names));
}

/* {"dependencies": {"net8.0": {"NAME": {"type": "Direct", "resolved": "1"}}}} */
static int
json(struct cur c, struct analyzer_out *out, struct diag *d)
{
	const struct json *framework, *e;
	void *at = NULL, *in;
	struct json *j = NULL;
	struct str name;
	int rc;

	rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d);
	while (rc == 0 && json_next(json_get(j, "dependencies"), &at, &name,
	    &framework))
		for (in = NULL; rc == 0 && json_next(framework, &in, &name, &e); )
			if (!str_eqz(json_get_str(e, "type"), "Project"))
				rc = lock_row(out, "nuget", name,
				    json_get_str(e, "resolved"), LOCK_DECLARED,
				    d);
	json_free(j);
	return (rc);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* The next NAME="VALUE" of *${s}; false when there is none. */
static bool
attribute(struct str *s, struct str *name, struct str *value)
{
	size_t eq;
	char quote;

	*s = str_trim(*s);
	eq = str_find(*s, '=');
	*name = str_trim(str_sub(*s, 0, eq));
	*s = str_trim(str_sub(*s, eq + 1, s->n));
	if (s->n == 0)
		return (false);
	quote = s->p[0];
	*s = str_sub(*s, 1, s->n);
	*value = str_sub(*s, 0, str_find(*s, quote));
	*s = str_sub(*s, value->n + 1, s->n);
	return (quote == '"' || quote == '\'');
}

static int
element(struct str s, struct analyzer_out *out, struct diag *d)
{
	struct str id = { NULL, 0 }, version = { NULL, 0 }, name, value;
	const char *scope = LOCK_DECLARED;

	while (attribute(&s, &name, &value)) {
		if (str_eqz(name, "id"))
			id = value;
		else if (str_eqz(name, "version"))
			version = value;
		else if (str_eqz(name, "developmentDependency") &&
		    str_eqz(value, "true"))
			scope = LOCK_DEV;
	}
	return (lock_row(out, "nuget", id, version, scope, d));
}

static int
config(struct cur c, struct analyzer_out *out, struct diag *d)
{
	static const char tag[] = "<package";
	struct str rest = cur_rest(&c), inside;
	const char *p;
	int rc = 0;

	while (rc == 0 && rest.n > 0 &&
	    (p = memmem(rest.p, rest.n, tag, sizeof(tag) - 1)) != NULL) {
		rest = str_sub(rest, (size_t)(p - rest.p) + sizeof(tag) - 1,
		    rest.n);
		inside = str_sub(rest, 0, str_find(rest, '>'));
		if (inside.n > 0 && is_blank(inside.p[0]))
			rc = element(inside, out, d);
		rest = str_sub(rest, inside.n, rest.n);
	}
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	return (str_ends(f->path, ".json") ? json(c, out, d) : config(c, out, d));
}

const struct analyzer analyzer_lock_nuget = {
	.name = "lock_nuget",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};

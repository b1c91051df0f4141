/*
 * lock_npm: lock files of Node's package managers.  Formats: package-lock.json
 * and npm-shrinkwrap.json, versions 1 to 3 (npm's documentation); yarn.lock of
 * Yarn 1 and later; pnpm-lock.yaml, versions 5 to 9; bun.lock.  Packages that
 * lie in the project itself (links, workspaces) are not listed.
 */
#include "common/format/yaml.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "package-lock.json",
	    "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
	    "bun.lock", NULL };

	return (lock_is(f->path, names));
}

static const char *
scope_of(const struct json *entry)
{
	return (json_bool(json_get(entry, "dev")) ? LOCK_DEV : LOCK_DECLARED);
}

/* "packages": {"node_modules/a/node_modules/@b/c": {...}} */
static int
npm_packages(const struct json *packages, struct analyzer_out *out,
    struct diag *d)
{
	static const char folder[] = "node_modules/";
	const struct json *e;
	struct str path, name, rest;
	void *at = NULL;
	int rc = 0;

	while (rc == 0 && json_next(packages, &at, &path, &e)) {
		/* the last folder of that name */
		for (name = str_of(""), rest = path; rest.n > 0; ) {
			if (str_starts(rest, folder))
				name = str_sub(rest, sizeof(folder) - 1, rest.n);
			rest = str_sub(rest, str_find(rest, '/') + 1, rest.n);
		}
		if (json_bool(json_get(e, "link")) || name.n == 0)
			continue;
		if (json_get_str(e, "name").n > 0)	/* an alias */
			name = json_get_str(e, "name");
		rc = lock_row(out, "npm", name, json_get_str(e, "version"),
		    scope_of(e), d);
	}
	return (rc);
}

/* "npm:real-name@1.0.0" where another name was given. */
static int
npm_dependency(struct str name, const struct json *e, struct analyzer_out *out,
    struct diag *d)
{
	struct str version = json_get_str(e, "version");
	size_t at;

	if (str_starts(version, "npm:")) {
		at = str_rfind(version, '@');
		name = str_sub(version, 4, at);
		version = str_sub(version, at + 1, version.n);
	}
	return (lock_row(out, "npm", name, version, scope_of(e), d));
}

/* "dependencies": {"a": {"version": ..., "dependencies": {...}}} */
static int
npm_dependencies(const struct json *dependencies, struct analyzer_out *out,
    struct diag *d)
{
	struct { const struct json *of; void *at; } open[LIMIT_JSON_DEPTH];
	const struct json *e;
	size_t depth = 0;
	struct str name;
	int rc = 0;

	open[depth].of = dependencies;
	open[depth++].at = NULL;
	while (rc == 0 && depth > 0) {
		if (!json_next(open[depth - 1].of, &open[depth - 1].at, &name,
		    &e)) {
			depth--;
			continue;
		}
		if (!json_is_object(e))
			continue;
		rc = npm_dependency(name, e, out, d);
		if (json_is_object(json_get(e, "dependencies"))) {
			/* each level is two of the document's */
			open[depth].of = json_get(e, "dependencies");
			open[depth++].at = NULL;
		}
	}
	return (rc);
}

static int
npm(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct json *j = NULL;
	int rc;

	if ((rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d)) == 0 &&
	    !json_is_object(j))
		rc = diag_set(d, ERR_MALFORMED, 0, "no object");
	if (rc == 0)
		rc = json_is_object(json_get(j, "packages")) ?
		    npm_packages(json_get(j, "packages"), out, d) :
		    npm_dependencies(json_get(j, "dependencies"), out, d);
	json_free(j);
	return (rc);
}

/* The name of NAME@RANGE; a '@' in front belongs to it. */
static struct str
before_at(struct str s)
{
	size_t at = 1 + str_find(str_sub(s, 1, s.n), '@');

	return (str_sub(s, 0, at));
}

static struct str
after_at(struct str s)
{
	return (str_sub(s, before_at(s).n + 1, s.n));
}

/* An entry of yarn.lock on its way. */
struct yarn {
	struct str pattern;	/* the first of its NAME@RANGE */
	struct str version;
	bool local;		/* lies in the project */
};

static int
yarn_row(const struct yarn *y, struct analyzer_out *out, struct diag *d)
{
	struct str name = before_at(y->pattern), range = after_at(y->pattern);

	if (str_starts(range, "npm:") &&
	    after_at(str_sub(range, 4, range.n)).n > 0)
		name = before_at(str_sub(range, 4, range.n));	/* an alias */
	if (range.n == 0 || y->version.n == 0 || y->local ||
	    str_starts(range, "workspace:") || str_starts(range, "link:"))
		return (0);
	return (lock_row(out, "npm", name, y->version, LOCK_DECLARED, d));
}

/*
 *	"@a/b@^1.0", "@a/b@^1.1":		"@a/b@npm:^1.0, @a/b@npm:^1.1":
 *	  version "1.2.0"			  version: 1.2.0
 */
static int
yarn(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct yarn y = { .pattern = STR_LIT("") };
	struct yaml_line l;
	struct str s;
	int rc = 0;

	while (rc == 0 && yaml_next(&c, &l)) {
		if (l.indent == 0) {
			rc = yarn_row(&y, out, d);
			s = l.key.n > 0 ? l.key : l.value;
			y = (struct yarn) { .pattern =
			    yaml_unquote(str_sub(s, 0, str_find(s, ','))) };
		} else if (l.indent == 2 && str_eqz(l.key, "version")) {
			y.version = l.value;
		} else if (l.indent == 2 && l.key.n == 0 &&
		    str_starts(l.value, "version ")) {
			y.version = yaml_unquote(str_trim(
			    str_sub(l.value, 8, l.value.n)));
		} else if (l.indent == 2 && str_eqz(l.key, "linkType")) {
			y.local = str_eqz(l.value, "soft");
		}
	}
	return (rc == 0 ? yarn_row(&y, out, d) : rc);
}

/* A package of pnpm-lock.yaml on its way. */
struct pnpm {
	struct str name, version;
	const char *scope;
};

/* "/a/1.0.0_peer" up to version 5; "/a@1.0.0(peer)", "a@1.0.0" later. */
static void
pnpm_key(struct str key, bool old, struct pnpm *p)
{
	size_t at;

	*p = (struct pnpm) { .scope = LOCK_DECLARED };
	if (str_starts(key, "/"))
		key = str_sub(key, 1, key.n);
	else if (old)	/* HOST/NAME/VERSION of another registry */
		key = str_sub(key, str_find(key, '/') + 1, key.n);
	key = str_sub(key, 0, str_find(key, '('));
	if (old) {
		at = str_find(key, '/');
		if (str_starts(key, "@"))
			at += 1 + str_find(str_sub(key, at + 1, key.n), '/');
		p->name = str_sub(key, 0, at);
		key = str_sub(key, at + 1, key.n);
		key = str_sub(key, 0, str_find(key, '/'));
		p->version = str_sub(key, 0, str_find(key, '_'));
	} else {
		p->name = before_at(key);
		p->version = after_at(key);
	}
}

static int
pnpm(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct pnpm p = { .scope = LOCK_DECLARED };
	bool old = false, inside = false;
	struct yaml_line l;
	int rc = 0;

	while (rc == 0 && yaml_next(&c, &l)) {
		if (l.indent == 0) {
			if (str_eqz(l.key, "lockfileVersion"))
				old = str_starts(l.value, "5");
			inside = str_eqz(l.key, "packages");
		} else if (inside && l.indent == 2) {
			rc = lock_row(out, "npm", p.name, p.version, p.scope, d);
			pnpm_key(l.key, old, &p);
		} else if (inside && l.indent == 4) {
			if (str_eqz(l.key, "dev") && str_eqz(l.value, "true"))
				p.scope = LOCK_DEV;
			else if (str_eqz(l.key, "name"))	/* from git */
				p.name = l.value;
			else if (str_eqz(l.key, "version"))
				p.version = l.value;
		}
	}
	return (rc == 0 ?
	    lock_row(out, "npm", p.name, p.version, p.scope, d) : rc);
}

/* JSON without the commas before a closing bracket, in ${b}. */
static int
strip_commas(struct str s, struct buf *b)
{
	bool quoted = false;
	size_t comma = s.n;	/* in ${b}, with only blanks behind */

	if (buf_str(b, s) < 0)
		return (ERR_LIMIT);
	for (size_t i = 0; i < b->n; i++) {
		char c = (char)b->p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			quoted = c != '"';
			continue;
		}
		if ((c == ']' || c == '}') && comma < b->n)
			b->p[comma] = ' ';
		if (strchr(" \t\r\n", c) == NULL || c == '\0')
			comma = c == ',' ? i : b->n;
		quoted = c == '"';
	}
	return (0);
}

/* {"packages": {"KEY": ["NAME@VERSION", ...], ...},} */
static int
bun(struct cur c, struct analyzer_out *out, struct diag *d)
{
	static const char *const local[] = { "workspace:", "link:", "file:",
	    "root:" };
	const struct json *e;
	struct json *j = NULL;
	struct str key, id;
	void *at = NULL;
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_JSON_FILE);
	if (strip_commas(cur_rest(&c), &b) < 0)
		rc = diag_set(d, ERR_LIMIT, 0, "more than %zu bytes of JSON",
		    LIMIT_JSON_FILE);
	else
		rc = json_parse_file(buf_view(&b), LIMIT_JSON_FILE, &j, d);
	while (rc == 0 && json_next(json_get(j, "packages"), &at, &key, &e)) {
		bool own = false;

		id = json_str(json_at(e, 0));
		for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
			own = own || str_starts(after_at(id), local[i]);
		if (!own)
			rc = lock_row(out, "npm", before_at(id), after_at(id),
			    LOCK_DECLARED, d);
	}
	json_free(j);
	buf_done(&b);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	static const struct {
		const char *name;
		int (*read)(struct cur, struct analyzer_out *, struct diag *);
	} readers[] = {
		{ "yarn.lock", yarn }, { "pnpm-lock.yaml", pnpm },
		{ "bun.lock", bun },
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (str_eqz(path_base(f->path), readers[i].name))
			return (readers[i].read(c, out, d));
	return (npm(c, out, d));
}

const struct analyzer analyzer_lock_npm = {
	.name = "lock_npm",
	.revision = 2,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
